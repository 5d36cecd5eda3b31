// The browser's side of follower.cc: the page's query, and a list that the test reads.
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
});
