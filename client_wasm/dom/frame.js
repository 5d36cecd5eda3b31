// The browser's side of frame.cc: elements by number, and a frame's writes in one call.
mergeInto(LibraryManager.library, {
  $domElements: {},

  // Each is a function of (element, address, length of the name, length of the value, the element's number); the name is
  // at the address and the value behind it.
  $domOperations: [],

  tidings_dom_request_frame__deps: ['tidings_dom_frame'],
  tidings_dom_request_frame: function () {
    requestAnimationFrame(_tidings_dom_frame);
  },

  tidings_dom_write__deps: ['$domElements', '$domOperations'],
  tidings_dom_write: function (write) {
    for (; write; write = HEAPU32[write >> 2]) {
      var words = HEAPU32.subarray(write >> 2, (write >> 2) + 5);
      // One that fails, such as a class with a blank in its name, leaves the others.
      try {
        domOperations[words[2]](domElements[words[1]], write + 32, words[3], words[4], words[1]);
      } catch (error) {
        console.error(error);
      }
    }
  },
});
