// The browser's side of publishing.cc: a publisher whose requests have fields, and are made again where that may help.
mergeInto(LibraryManager.library, {
  tidings_publishing_open__deps: ['$getString', '$publishers', '$publishFirst', '$retryAfter'],
  tidings_publishing_open: function (
    publisher, base, baseLength, channel, channelLength, firstWait, longestWait, mostAttempts
  ) {
    var attempts = 0; // at the text that is on its way
    var queue = (publishers[publisher] = {
      url: getString(base, baseLength).replace(/\/+$/, '') + '/channels/' + getString(channel, channelLength),
      texts: [],
      headers: {},

      // Whether the first text is sent once more, with the key that it had: the server may have taken it already. The next
      // text has a key of its own.
      triesAgain: function (response) {
        if (![0, 429, 502, 503, 504].includes(response.status) || ++attempts >= mostAttempts) {
          beginText();
          return false;
        }
        var wait = Math.random() * Math.min(longestWait, firstWait * Math.pow(2, attempts - 1));
        if (response.status) wait += Math.min(retryAfter(response), 3600000);
        var timer = setTimeout(function () {
          publishFirst(publisher);
        }, wait);
        queue.request = {
          abort: function () {
            clearTimeout(timer);
          },
        };
        return true;
      },
    });
    // 128 bits of chance. There is no randomUUID() where the page is in no secure context.
    function beginText() {
      attempts = 0;
      queue.headers['Idempotency-Key'] = crypto.getRandomValues(new Uint32Array(4)).join('-');
    }
    beginText();
  },
});
