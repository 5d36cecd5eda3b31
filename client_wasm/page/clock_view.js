// The browser's side of clock_view.cc.
mergeInto(LibraryManager.library, {
  // The title is what shows of a hidden tab, in which nothing is painted: so it does not wait for a frame.
  tidings_page_title: function (isLive) {
    document.title = (isLive ? '' : 'Not live: ') + 'Tidings';
  },

  // What the page itself took over the wire, as the browser has measured it: bytes, heads included. 0 where it came from
  // a cache, or where the browser does not say.
  tidings_page_cost: function () {
    return performance.getEntries().reduce(function (sum, entry) {
      return sum + (entry.transferSize || 0);
    }, 0);
  },
});
