// The browser's side of typed.cc.
mergeInto(LibraryManager.library, {
  // The characters one by one: of so few that costs less than a TextDecoder.
  tidings_typed_number: function (text, length) {
    var digits = '';
    while (length--) digits += String.fromCharCode(HEAPU8[text++]);
    return +digits;
  },

  tidings_typed_text__deps: ['$getString', '$textEncoder'],
  tidings_typed_text: function (text, length, into) {
    try {
      return textEncoder.encodeInto(JSON.parse(getString(text, length)), HEAPU8.subarray(into)).written;
    } catch (error) {
      return -1;
    }
  },

  tidings_typed_problem__deps: ['$getString'],
  tidings_typed_problem: function (type, typeLength, path, pathLength, what) {
    console.error(
      'An event of the type ' + getString(type, typeLength) + ' could not be read: ' +
        (getString(path, pathLength) || 'its data') + ' ' + getString(what, HEAPU8.indexOf(0, what) - what) + '.'
    );
  },
});
