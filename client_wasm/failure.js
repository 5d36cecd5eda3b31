// Says so on the page where its program does not start or breaks: without it a page whose .wasm did not come looks like
// one that is still connecting. It shows the element `failure`, which the page may have, hidden, with words of its own;
// else it adds one. What goes wrong in other scripts, such as those of an extension, says nothing about the program: an
// error tells where it is from, and a promise that is rejected may be ours until the program has its memory.
['error', 'unhandledrejection'].forEach(function (type) {
  addEventListener(type, function (event) {
    if (event.filename ? !event.filename.startsWith(location.origin) : HEAPU8) return;
    var shown = document.getElementById('failure');
    if (!shown) {
      shown = document.createElement('p');
      shown.id = 'failure';
      shown.setAttribute('role', 'alert');
      shown.textContent = 'The program of this page did not come, or has failed: reload the page.';
      document.body.prepend(shown);
    }
    shown.hidden = false;
  });
});
