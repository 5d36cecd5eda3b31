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
    globalThis.fetch = function (url, options) {
      var response = new Later();
      fakeFetch.requests.push({ url: url, options: options, response: response });
      options.signal.addEventListener('abort', function () {
        response.settle(new Error('aborted'), true);
      });
      return response;
    };
    globalThis.setTimeout = function (callback) {
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

  fake_fetch_answer__deps: ['$getString'],
  fake_fetch_answer: function (index, status, type, typeLength, body, bodyLength) {
    var text = new fakeFetch.Later();
    text.settle(getString(body, bodyLength), false);
    fakeFetch.requests[index].response.settle(
      {
        status: status,
        headers: new Map([['Content-Type', getString(type, typeLength)]]),
        text: function () {
          return text;
        },
      },
      false
    );
  },
  fake_fetch_fail: function (index) {
    fakeFetch.requests[index].response.settle(new TypeError('Failed to fetch'), true);
  },
  // All timers that run come due.
  fake_fetch_time_out: function () {
    fakeFetch.timers.slice().forEach(function (callback) {
      if (callback) callback();
    });
  },
});
