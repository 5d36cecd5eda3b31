// The browser's side of listener.cc: listeners by their address.
mergeInto(LibraryManager.library, {
  $domListeners: {},

  tidings_dom_listen__deps: ['$domElements', '$domListeners', '$putText', 'tidings_dom_event'],
  tidings_dom_listen: function (listener, number, kind) {
    var element = domElements[number];
    var type = ['click', 'input', 'keydown', 'submit'][kind];
    function hear(event) {
      // A form may be without a control, and a control's value a number or none.
      var control = kind === 3 ? element.elements[0] || {} : element;
      if (kind === 3) {
        event.preventDefault();
        if (control.focus) control.focus();
      }
      var value = kind === 2 ? event.key : kind && control.value;
      if (_tidings_dom_event(listener, putText(String(value || '')), textLength)) {
        if (kind === 3) control.value = '';
        else event.preventDefault();
      }
    }
    element.addEventListener(type, hear);
    domListeners[listener] = function () {
      element.removeEventListener(type, hear);
    };
  },

  tidings_dom_unlisten__deps: ['$domListeners'],
  tidings_dom_unlisten: function (listener) {
    if (domListeners[listener]) domListeners[listener]();
    delete domListeners[listener];
  },
});
