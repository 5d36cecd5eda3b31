// What the page itself took over the wire, as the browser has measured it: bytes, heads included. 0 where it came from a
// cache, or where the browser does not say.
mergeInto(LibraryManager.library, {
  tidings_page_cost: function () {
    return performance
      .getEntriesByType('navigation')
      .concat(performance.getEntriesByType('resource'))
      .reduce(function (sum, entry) {
        return sum + (entry.transferSize || 0);
      }, 0);
  },
});
