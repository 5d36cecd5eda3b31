// The browser's side of channel_view.cc.
mergeInto(LibraryManager.library, {
  // Puts the text back where it was typed, unless something else has been typed since: then it returns false.
  tidings_page_give_back__deps: ['$getString'],
  tidings_page_give_back: function (text, length) {
    var box = document.getElementById('text');
    if (box.value) return false;
    box.value = getString(text, length);
    return true;
  },
});
