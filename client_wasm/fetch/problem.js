// What a server says where it refuses: RFC 9457's problem details and RFC 9110's Retry-After.
mergeInto(LibraryManager.library, {
  // Calls back with the sentence of a problem, else with the body as it is, as far as its first 64 KiB or as it comes.
  $readProblem: function (response, done) {
    var text = '';
    var decoder = new TextDecoder();
    var reader = response.body && response.body.getReader();
    function tell() {
      try {
        var detail = JSON.parse(text).detail;
      } catch (error) {}
      done(typeof detail === 'string' ? detail : text);
    }
    function read() {
      reader.read().then(function (chunk) {
        if (chunk.done) return tell();
        text += decoder.decode(chunk.value.subarray(0, 65536 - text.length), { stream: true });
        if (text.length < 65536) return read();
        reader.cancel();
        tell();
      }, tell);
    }
    if (reader) read();
    else tell();
  },

  // In milliseconds from now on; 0: it does not say. No more than a C++ duration holds.
  $retryAfter: function (response) {
    var value = response.headers.get('Retry-After');
    return Math.min(1e15, Math.max(0, value > 0 ? value * 1000 : Date.parse(value) - Date.now()) || 0);
  },
});
