// Texts on their way from JavaScript into WebAssembly: UTF-8 in memory that belongs to the C++ function that gets it, with
// a length, since an event's data may hold NUL.
mergeInto(LibraryManager.library, {
  $textEncoder: 'new TextEncoder()',
  $textLength: '0',

  // Returns the text's address; $textLength is its length in bytes. ASCII at the text's beginning, which is all of most
  // texts, is copied character by character: for a few hundred of them that costs less than a call of the encoder.
  $putText__deps: ['$textEncoder', '$textLength', 'tidings_text'],
  $putText: function (string) {
    var start = _tidings_text(3 * string.length);
    var length = 0;
    var code;
    while (length < 256 && (code = string.charCodeAt(length)) < 128) HEAPU8[start + length++] = code;
    if (length < string.length) {
      length += textEncoder.encodeInto(string.slice(length), HEAPU8.subarray(start + length)).written;
    }
    textLength = length;
    return start;
  },

  $getString: function (start, length) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(HEAPU8.subarray(start, start + length));
  },
});
