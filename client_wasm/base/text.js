// Texts on their way from JavaScript into WebAssembly: UTF-8 in memory that belongs to the C++ function that gets it, with
// a length, since an event's data may hold NUL.
mergeInto(LibraryManager.library, {
  $textEncoder: 'new TextEncoder()',
  $textLength: '0',

  // Returns the text's address; $textLength is its length in bytes. A short text of ASCII, which most are, is copied four
  // characters at a time, which costs less than a call of the encoder. None is asked for behind the last: in WebKit all of
  // them would take longer from then on. Memory is aligned for any type, and there are three bytes of it for a character.
  $putText__deps: ['$textEncoder', '$textLength', 'tidings_text'],
  $putText: function (string) {
    var length = string.length;
    var start = _tidings_text(3 * length);
    var bits = length < 256 ? 0 : 128; // of all characters: more than 127 is for the encoder
    var i = 0;
    for (; i + 4 <= length && bits < 128; i += 4) {
      var first = string.charCodeAt(i);
      var second = string.charCodeAt(i + 1);
      var third = string.charCodeAt(i + 2);
      var fourth = string.charCodeAt(i + 3);
      bits |= first | second | third | fourth;
      HEAPU32[(start + i) >> 2] = first | (second << 8) | (third << 16) | (fourth << 24);
    }
    for (; i < length && bits < 128; ++i) bits |= HEAPU8[start + i] = string.charCodeAt(i);
    textLength = bits < 128 ? length : textEncoder.encodeInto(string, HEAPU8.subarray(start)).written;
    return start;
  },

  $getString: function (start, length) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(HEAPU8.subarray(start, start + length));
  },
});
