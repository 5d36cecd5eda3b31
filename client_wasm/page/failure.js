// Shows the element `failure`, which is hidden in the HTML, where the page's program does not start or breaks: without
// it a page whose .wasm did not come looks like one that is still connecting. What goes wrong in other scripts, such as
// those of an extension, says nothing about the program: an error tells where it is from, and a promise that is rejected
// may be ours until the program has its memory.
['error', 'unhandledrejection'].forEach(function (type) {
  addEventListener(type, function (event) {
    if (event.filename ? event.filename.startsWith(location.origin) : !HEAPU8) {
      document.getElementById('failure').hidden = false;
    }
  });
});
