// Strings on their way from JavaScript into WebAssembly: UTF-8 in the one buffer that client_wasm/text_buffer.cc owns,
// with lengths, since an event's data may hold NUL. What stands in it is gone with the next call of $putStrings.
mergeInto(LibraryManager.library, {
  // Writes the strings one after the other; returns their lengths in bytes.
  $putStrings__deps: ['tidings_text_buffer'],
  $putStrings: function (strings) {
    var most = 0;
    for (var i = 0; i < strings.length; i++) most += 3 * strings[i].length;
    var start = _tidings_text_buffer(most);
    var lengths = [];
    var encoder = new TextEncoder();
    for (var j = 0; j < strings.length; j++) {
      lengths[j] = encoder.encodeInto(strings[j], HEAPU8.subarray(start, start + 3 * strings[j].length)).written;
      start += lengths[j];
    }
    return lengths;
  },

  $getString: function (start, length) {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(HEAPU8.subarray(start, start + length));
  },
});
