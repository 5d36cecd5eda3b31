// The browser's side of publisher.cc: one request at a time for each publisher, by its address.
mergeInto(LibraryManager.library, {
  $publishing: {},

  tidings_publisher_send__deps: ['$publishing', '$getString', '$putStrings', 'tidings_publisher_answer'],
  tidings_publisher_send: function (publisher, channel, channelLength, text, textLength) {
    var request = new AbortController();
    publishing[publisher] = request;
    var timer = setTimeout(function () {
      request.abort();
    }, 10000);
    var status = 0;
    fetch('/channels/' + getString(channel, channelLength), {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain;charset=utf-8' },
      body: HEAPU8.slice(text, text + textLength),
      signal: request.signal,
    })
      .then(function (response) {
        return response.text().then(function (body) {
          var isProblem = /problem/.test(response.headers.get('Content-Type'));
          var answer = isProblem ? JSON.parse(body).detail : body;
          status = response.status;
          return answer;
        });
      })
      .catch(function () {
        return request.signal.aborted
          ? 'No answer came within 10 seconds. Many tabs of this page use up the connections that a browser has.'
          : 'The server does not answer.';
      })
      .then(function (answer) {
        clearTimeout(timer);
        // A publisher that has ended is not called, even if another one lives at its address.
        if (publishing[publisher] !== request) return;
        delete publishing[publisher];
        _tidings_publisher_answer(publisher, status, putStrings([answer])[0]);
      });
  },

  tidings_publisher_cancel__deps: ['$publishing'],
  tidings_publisher_cancel: function (publisher) {
    var request = publishing[publisher];
    delete publishing[publisher];
    if (request) request.abort();
  },
});
