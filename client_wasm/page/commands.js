// The browser's side of commands.h. What is selected is copied by execCommand, since there is no navigator.clipboard at
// http:// and a name other than localhost.
mergeInto(LibraryManager.library, {
  tidings_page_commands: function () {
    document.querySelectorAll('code').forEach(function (code) {
      code.textContent = code.textContent.replace('ORIGIN', location.origin);
      code.nextElementSibling.onclick = function (event) {
        getSelection().selectAllChildren(code);
        if (document.execCommand('copy')) event.target.textContent = 'Copied';
      };
    });
  },
});
