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

  // Shows where the token goes, and has it typed there.
  tidings_page_ask_for_token: function () {
    var box = document.getElementById('token');
    box.parentNode.hidden = false;
    box.focus();
  },

  // For as long as the tab is open, also when the page is loaded again.
  tidings_page_keep_token__deps: ['$getString'],
  tidings_page_keep_token: function (token, length) {
    sessionStorage.token = getString(token, length);
  },

  // Has the kept one taken as if it were typed.
  tidings_page_restore_token: function () {
    var box = document.getElementById('token');
    box.value = sessionStorage.token || '';
    if (box.value) box.dispatchEvent(new Event('input'));
  },
});
