// A fetch that a test answers, and a clock that stands still. What is promised comes during the call that gives it.
// Requests are numbered from 0 in the order of their making.
mergeInto(LibraryManager.library, {
  $fakeFetch: {},

  fake_fetch_install__deps: ['$fakeFetch'],
  fake_fetch_install: function () {
    fakeFetch.requests = [];
    fakeFetch.timers = [];
    // A promise that runs its steps at once.
    function Later() {
      var steps = [];
      var settled;
      this.settle = function (value, hasFailed) {
        if (settled) return;
        settled = { value: value, hasFailed: hasFailed };
        steps.splice(0).forEach(function (step) {
          step();
        });
      };
      this.then = function (onValue, onFailure) {
        var next = new Later();
        function step() {
          var handler = settled.hasFailed ? onFailure : onValue;
          if (!handler) return next.settle(settled.value, settled.hasFailed);
          var result;
          try {
            result = handler(settled.value);
          } catch (error) {
            return next.settle(error, true);
          }
          if (!(result instanceof Later)) return next.settle(result, false);
          result.then(
            function (value) {
              next.settle(value, false);
            },
            function (error) {
              next.settle(error, true);
            }
          );
        }
        if (settled) step();
        else steps.push(step);
        return next;
      };
      this.catch = function (onFailure) {
        return this.then(null, onFailure);
      };
    }
    fakeFetch.Later = Later;
    globalThis.Request = function (url, options) {
      if (url === 'no url') throw new TypeError('no url is no URL');
      Object.assign(this, options, { url: url });
      this.clone = function () {
        return Object.assign({}, this, { headers: new Headers(this.headers) });
      };
    };
    globalThis.fetch = function (url, options) {
      options = Object.assign({}, url.url ? url : {}, options);
      options.headers = new Headers(options.headers); // as they are now
      var response = new Later();
      fakeFetch.requests.push({ url: url.url || url, options: options, response: response });
      options.signal.addEventListener('abort', function () {
        response.settle(new Error('aborted'), true);
      });
      return response;
    };
    globalThis.setTimeout = function (callback, milliseconds) {
      fakeFetch.wait = milliseconds;
      return fakeFetch.timers.push(callback) - 1;
    };
    globalThis.clearTimeout = function (timer) {
      delete fakeFetch.timers[timer];
    };
  },

  fake_fetch_count: function () {
    return fakeFetch.requests.length;
  },
  fake_fetch_timers: function () {
    return Object.keys(fakeFetch.timers).length;
  },
  // How long the latest timer takes.
  fake_fetch_wait: function () {
    return fakeFetch.wait;
  },
  fake_fetch_is_aborted: function (index) {
    return fakeFetch.requests[index].options.signal.aborted;
  },
  fake_fetch_is__deps: ['$getString'],
  fake_fetch_is: function (index, url, urlLength, body, bodyLength) {
    var request = fakeFetch.requests[index];
    return (
      request.url === getString(url, urlLength) &&
      request.options.method === 'POST' &&
      request.options.body === getString(body, bodyLength)
    );
  },

  // Whether the request has this field.
  fake_fetch_has__deps: ['$getString'],
  fake_fetch_has: function (index, name, nameLength, value, valueLength) {
    return new Headers(fakeFetch.requests[index].options.headers).get(getString(name, nameLength)) ===
      getString(value, valueLength);
  },
  // The value of the request's field stays the same from one request to the other.
  fake_fetch_has_same__deps: ['$getString'],
  fake_fetch_has_same: function (index, other, name, nameLength) {
    var values = [index, other].map(function (index) {
      return new Headers(fakeFetch.requests[index].options.headers).get(getString(name, nameLength));
    });
    return values[0] !== null && values[0] === values[1];
  },
  // A whole answer.
  fake_fetch_answer__deps: ['$getString'],
  fake_fetch_answer: function (index, status, retryAfter, retryAfterLength, body, bodyLength) {
    var text = new fakeFetch.Later();
    text.settle(getString(body, bodyLength), false);
    fakeFetch.requests[index].response.settle(
      {
        status: status,
        headers: new Headers([['Retry-After', getString(retryAfter, retryAfterLength)]]),
        text: function () {
          return text;
        },
      },
      false
    );
  },
  // The head of an answer; with a status of 204 it has no body.
  fake_fetch_head__deps: ['$getString'],
  fake_fetch_head: function (index, status, type, typeLength, retryAfter, retryAfterLength) {
    var request = fakeFetch.requests[index];
    request.reads = 0;
    request.response.settle(
      {
        status: status,
        url: 'https://example.org' + request.url,
        headers: new Headers([
          ['Content-Type', getString(type, typeLength)],
          ['Retry-After', getString(retryAfter, retryAfterLength)],
        ]),
        body: status === 204 ? null : {
          getReader: function () {
            return {
              read: function () {
                request.reads++;
                return (request.read = new fakeFetch.Later());
              },
              cancel: function () {
                request.isCancelled = true;
              },
            };
          },
        },
      },
      false
    );
  },
  // How often bytes of the body were asked for.
  fake_fetch_reads: function (index) {
    return fakeFetch.requests[index].reads;
  },
  fake_fetch_is_cancelled: function (index) {
    return !!fakeFetch.requests[index].isCancelled;
  },
  // What a read comes to, if bytes were asked for: bytes, the end, or a failure.
  $settleRead: function (index, value, hasFailed) {
    var read = fakeFetch.requests[index].read;
    if (read) read.settle(value, hasFailed);
  },
  fake_fetch_feed__deps: ['$settleRead'],
  fake_fetch_feed: function (index, bytes, length) {
    settleRead(index, { done: false, value: HEAPU8.slice(bytes, bytes + length) }, false);
  },
  fake_fetch_end__deps: ['$settleRead'],
  fake_fetch_end: function (index) {
    settleRead(index, { done: true }, false);
  },
  fake_fetch_cut__deps: ['$settleRead'],
  fake_fetch_cut: function (index) {
    settleRead(index, new TypeError('network error'), true);
  },
  fake_fetch_fail: function (index) {
    fakeFetch.requests[index].response.settle(new TypeError('Failed to fetch'), true);
  },
  // All timers that run come due.
  fake_fetch_time_out: function () {
    fakeFetch.timers.slice().forEach(function (callback, timer) {
      delete fakeFetch.timers[timer];
      if (callback) callback();
    });
  },
});
