// The browser's side of publisher.cc: publishers by their address, each with its channel's URL and the texts that wait, of
// which the first is on its way.
mergeInto(LibraryManager.library, {
  $publishers: {},

  tidings_publisher_open__deps: ['$publishers', '$getString'],
  tidings_publisher_open: function (publisher, channel, length) {
    publishers[publisher] = { url: '/channels/' + getString(channel, length), texts: [], headers: {} };
  },

  tidings_publisher_send__deps: ['$publishers', '$publishFirst', '$getString'],
  tidings_publisher_send: function (publisher, text, length) {
    if (publishers[publisher].texts.push(getString(text, length)) === 1) publishFirst(publisher);
  },

  $publishFirst__deps: ['$publishers', '$putText', 'tidings_publisher_answer'],
  $publishFirst: function (publisher) {
    var queue = publishers[publisher];
    var request = (queue.request = new AbortController());
    var timer = setTimeout(function () {
      request.abort();
    }, 10000);
    var answered = { status: 0 };
    fetch(queue.url, { method: 'POST', body: queue.texts[0], headers: queue.headers, signal: request.signal })
      .then(function (response) {
        return response.text().then(function (body) {
          answered = response;
          try {
            var detail = JSON.parse(body).detail;
          } catch (error) {}
          return typeof detail === 'string' ? detail : body;
        });
      })
      .catch(function () {
        return request.signal.aborted ? 'No answer came within 10 seconds.' : 'The server does not answer.';
      })
      .then(function (answer) {
        clearTimeout(timer);
        // A publisher that has ended is not called, even if another one lives at its address.
        if (publishers[publisher] !== queue) return;
        if (queue.triesAgain && queue.triesAgain(answered)) return;
        var text = queue.texts.shift();
        if (queue.texts.length) publishFirst(publisher);
        _tidings_publisher_answer(publisher, answered.status, putText(text), textLength, putText(answer), textLength);
      });
  },

  tidings_publisher_set_token__deps: ['$publishers', '$getString'],
  tidings_publisher_set_token: function (publisher, token, length) {
    publishers[publisher].headers.Authorization = 'Bearer ' + getString(token, length);
  },

  tidings_publisher_close__deps: ['$publishers'],
  tidings_publisher_close: function (publisher) {
    var request = publishers[publisher].request;
    delete publishers[publisher];
    if (request) request.abort();
  },
});
