// The browser's side of fetch_connection.cc: streams by the address of their connection, each with the request that it makes
// and the attempt that holds. Whatever comes of an earlier one is not heard.
mergeInto(LibraryManager.library, {
  $fetchStreams: {},

  tidings_fetch_stream_make__deps: ['$fetchStreams', '$getString'],
  tidings_fetch_stream_make: function (
    connection, url, urlLength, method, methodLength, fields, fieldsLength, body, bodyLength, withCredentials
  ) {
    try {
      var headers = new Headers({ Accept: 'text/event-stream' });
      var parts = getString(fields, fieldsLength).split('\0');
      for (var i = 1; i < parts.length; i += 2) headers.set(parts[i - 1], parts[i]);
      fetchStreams[connection] = {
        request: new Request(getString(url, urlLength), {
          method: getString(method, methodLength),
          headers: headers,
          body: bodyLength ? HEAPU8.slice(body, body + bodyLength) : null,
          credentials: withCredentials ? 'include' : 'same-origin',
          cache: 'no-store',
        }),
      };
      return true;
    } catch (error) {
      console.error(error.message);
      return false;
    }
  },

  tidings_fetch_stream_set__deps: ['$fetchStreams', '$getString'],
  tidings_fetch_stream_set: function (connection, name, nameLength, value, valueLength) {
    try {
      fetchStreams[connection].request.headers.set(getString(name, nameLength), getString(value, valueLength));
    } catch (error) {
      console.error(error.message);
    }
  },

  tidings_fetch_stream_open__deps: [
    '$fetchStreams',
    '$getString',
    '$putText',
    '$readProblem',
    '$retryAfter',
    'tidings_fetch_stream_answer',
    'tidings_fetch_stream_end',
    'tidings_fetch_stream_refusal',
  ],
  tidings_fetch_stream_open: function (connection, id, idLength) {
    var stream = fetchStreams[connection];
    var attempt = (stream.attempt = new AbortController());
    var headers = stream.request.headers;
    headers.delete('Last-Event-ID');
    if (idLength) headers.set('Last-Event-ID', getString(id, idLength));
    fetch(stream.request.clone(), { signal: attempt.signal }).then(
      function (response) {
        if (stream.attempt !== attempt) return;
        if (response.status === 200 && /^text\/event-stream *(;|$)/i.test(response.headers.get('Content-Type'))) {
          stream.reader = response.body.getReader();
          _tidings_fetch_stream_answer(connection, putText(new URL(response.url).origin), textLength);
        } else {
          readProblem(response, function (problem) {
            if (stream.attempt !== attempt) return;
            _tidings_fetch_stream_refusal(
              connection, response.status, retryAfter(response), putText(problem), textLength
            );
          });
        }
      },
      function () {
        if (stream.attempt === attempt) _tidings_fetch_stream_end(connection, false);
      }
    );
  },

  tidings_fetch_stream_read__deps: [
    '$fetchStreams',
    'tidings_fetch_stream_bytes',
    'tidings_fetch_stream_end',
    'tidings_text',
  ],
  tidings_fetch_stream_read: function (connection) {
    var stream = fetchStreams[connection];
    var attempt = stream.attempt;
    // A chunk of up to megabytes is handed over in parts: the program's memory never shrinks, so it keeps what it once took.
    var most = 32768;
    (stream.rest ? Promise.resolve({ value: stream.rest }) : stream.reader.read()).then(
      function (chunk) {
        if (stream.attempt !== attempt) return;
        if (chunk.done) return _tidings_fetch_stream_end(connection, true);
        var part = chunk.value.subarray(0, most);
        stream.rest = chunk.value.length > most && chunk.value.subarray(most);
        var at = _tidings_text(part.length);
        HEAPU8.set(part, at);
        _tidings_fetch_stream_bytes(connection, at, part.length);
      },
      function () {
        if (stream.attempt === attempt) _tidings_fetch_stream_end(connection, false);
      }
    );
  },

  tidings_fetch_stream_drop__deps: ['$fetchStreams'],
  tidings_fetch_stream_drop: function (connection) {
    var stream = fetchStreams[connection];
    stream.attempt.abort();
    stream.attempt = stream.rest = null;
  },

  tidings_fetch_stream_close__deps: ['$fetchStreams'],
  tidings_fetch_stream_close: function (connection) {
    delete fetchStreams[connection];
  },
});
