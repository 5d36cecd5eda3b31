// The locks and channels of a browser, one lock and one channel at a time, as a test drives them, and the page that wants
// them.
mergeInto(LibraryManager.library, {
  $fakeLocks: {},

  fake_locks_install__deps: ['$fakeLocks'],
  fake_locks_install: function (areThere) {
    function ignore() {}
    fakeLocks.lock = fakeLocks.channel = null;
    globalThis.window = { addEventListener: ignore, removeEventListener: ignore };
    globalThis.document = {
      baseURI: 'https://example.org/page',
      addEventListener: ignore,
      removeEventListener: ignore,
    };
    globalThis.BroadcastChannel = function (name) {
      fakeLocks.channel = this;
      this.name = name;
      this.isClosed = false;
      this.postMessage = ignore;
      this.close = function () {
        this.isClosed = true;
      };
    };
    var locks = {
      request: function (name, options, callback) {
        var lock = (fakeLocks.lock = { name: name, callback: callback });
        return {
          catch: function (onRejected) {
            lock.onRejected = onRejected;
          },
        };
      },
    };
    Object.defineProperty(globalThis, 'navigator', {
      value: { locks: areThere ? locks : undefined },
      configurable: true,
    });
  },

  fake_locks_grant__deps: ['$fakeLocks'],
  fake_locks_grant: function () {
    fakeLocks.lock.callback(fakeLocks.lock);
  },

  // Refused, or stolen where it was granted.
  fake_locks_reject__deps: ['$fakeLocks'],
  fake_locks_reject: function () {
    fakeLocks.lock.onRejected(new Error('AbortError'));
  },

  // Whether both are of this name, and the channel is open.
  fake_locks_has_name__deps: ['$fakeLocks', '$getString'],
  fake_locks_has_name: function (name, length) {
    var wanted = getString(name, length);
    var channel = fakeLocks.channel;
    return !!channel && !channel.isClosed && channel.name === wanted && fakeLocks.lock.name === wanted;
  },
});
