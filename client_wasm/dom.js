// The browser's side of dom.cc: elements by handle, a frame's writes in one call, and listeners by their address.
mergeInto(LibraryManager.library, {
  $domElements: [null],
  $domListeners: {},

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

  // A write is an element and a kind (dom.cc), then what the kind needs, of words and texts. A text is a word, its
  // length, and its bytes.
  tidings_dom_write__deps: ['$domElements', '$getString'],
  tidings_dom_write: function (at, end) {
    var view = new DataView(HEAPU8.buffer);
    function word() {
      at += 4;
      return view.getInt32(at - 4, true);
    }
    function text() {
      var length = word();
      at += length;
      return getString(at - length, length);
    }
    while (at < end) {
      var element = domElements[word()];
      var kind = word();
      if (kind === 2) {
        var entry = domElements[word()].content.firstElementChild.cloneNode(true);
        var most = word();
        for (var i = 0, count = word(); i < count; i++) entry.children[i].textContent = text();
        element.prepend(entry);
        if (element.children.length > most) element.lastElementChild.remove();
      } else if (kind === 1) {
        var name = 'data-' + text();
        element.setAttribute(name, text());
      } else {
        element.textContent = text();
      }
    }
  },

  tidings_dom_listen__deps: ['$domElements', '$domListeners', '$putStrings', 'tidings_dom_submit'],
  tidings_dom_listen: function (listener, handle) {
    var form = domElements[handle];
    function submit(event) {
      var control = form.elements[0];
      event.preventDefault();
      if (_tidings_dom_submit(listener, putStrings([control.value])[0])) control.value = '';
      control.focus();
    }
    form.addEventListener('submit', submit);
    domListeners[listener] = function () {
      form.removeEventListener('submit', submit);
    };
  },

  tidings_dom_unlisten__deps: ['$domListeners'],
  tidings_dom_unlisten: function (listener) {
    if (domListeners[listener]) domListeners[listener]();
    delete domListeners[listener];
  },
});
