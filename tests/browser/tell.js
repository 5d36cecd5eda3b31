// The browser's side of follower.cc: the page's query, a list that the test reads, and whether some memory is as it was.
mergeInto(LibraryManager.library, {
  follower_is_asked__deps: ['$getString'],
  follower_is_asked: function (word, length) {
    return location.search.includes(getString(word, length));
  },

  follower_tell__deps: ['$getString'],
  follower_tell: function (text, length) {
    tidingsSeen.push(getString(text, length));
    tidingsWake();
  },

  follower_watch: function (begin, length) {
    var before = HEAPU8.slice(begin, begin + length).join();
    tidingsIsIntact = function () {
      return HEAPU8.slice(begin, begin + length).join() === before;
    };
  },

  follower_alert: function () {
    alert('a dialog');
  },
});
