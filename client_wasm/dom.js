// The browser's side of dom.cc: elements by handle, and a frame's writes in one call.
mergeInto(LibraryManager.library, {
  $domElements: [null],

  tidings_dom_find__deps: ['$domElements', '$getString'],
  tidings_dom_find: function (id, idLength) {
    var name = getString(id, idLength);
    var element = document.getElementById(name);
    if (!element) {
      console.error('There is no element with the id ' + name + '.');
      return 0;
    }
    return domElements.push(element) - 1;
  },

  tidings_dom_request_frame__deps: ['tidings_dom_frame'],
  tidings_dom_request_frame: function () {
    requestAnimationFrame(function () {
      _tidings_dom_frame();
    });
  },

  // A write is four words, then two strings: element, kind, length of the name, length of the value. Kinds: dom.cc.
  tidings_dom_write__deps: ['$domElements', '$getString'],
  tidings_dom_write: function (at, end) {
    while (at < end) {
      var words = new DataView(HEAPU8.buffer, at);
      var element = domElements[words.getInt32(0, true)];
      var isText = words.getInt32(4, true) === 0;
      var nameLength = words.getInt32(8, true);
      var valueLength = words.getInt32(12, true);
      var value = getString(at + 16 + nameLength, valueLength);
      if (isText) element.textContent = value;
      else element.setAttribute('data-' + getString(at + 16, nameLength), value);
      at += 16 + nameLength + valueLength;
    }
  },
});
