// Strings on their way from JavaScript into WebAssembly: UTF-8 in the one buffer that client_wasm/text_buffer.cc owns,
// with lengths, since an event's data may hold NUL. What stands in it is gone with the next call of $putStrings.
mergeInto(LibraryManager.library, {
  $textEncoder: 'new TextEncoder()',

  // Writes the strings one after the other; returns their lengths in bytes. The beginning, of most strings the whole, goes
  // character by character as long as it is plain: the encoder's call costs more than 64 of them.
  $putStrings__deps: ['$textEncoder', 'tidings_text_buffer'],
  $putStrings: function (strings) {
    var most = 0;
    for (var i = 0; i < strings.length; i++) most += 3 * strings[i].length;
    var start = _tidings_text_buffer(most);
    var lengths = [];
    for (i = 0; i < strings.length; i++) {
      var string = strings[i];
      var length = 0;
      var code;
      while ((code = string.charCodeAt(length)) < 128) HEAPU8[start + length++] = code;
      if (length < string.length) {
        length += textEncoder.encodeInto(string.slice(length), HEAPU8.subarray(start + length)).written;
      }
      start += length;
      lengths[i] = length;
    }
    return lengths;
  },

  $getString: function (start, length) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(HEAPU8.subarray(start, start + length));
  },
});
