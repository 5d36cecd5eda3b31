// Shows the element `failure`, which is hidden in the HTML, where the page's program does not start or breaks: without
// it a page whose .wasm did not come looks like one that is still connecting.
['error', 'unhandledrejection'].forEach(function (type) {
  addEventListener(type, function () {
    document.getElementById('failure').hidden = false;
  });
});
