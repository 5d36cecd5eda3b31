// An EventSource that a test drives: it opens, fails and dispatches when told. Sources are numbered from 0 in the order
// of their making.
mergeInto(LibraryManager.library, {
  $fakeSources: [],
  $fakeIdLooks: '0',

  fake_event_source_install__deps: ['$fakeIdLooks', '$fakeSources'],
  fake_event_source_install: function () {
    fakeSources.length = fakeIdLooks = 0;
    globalThis.EventSource = function (url, options) {
      if (url === 'no url') throw new SyntaxError('no url is no URL');
      this.url = url;
      this.withCredentials = options.withCredentials;
      this.readyState = 0;
      this.closed = 0;
      this.listeners = [];
      this.addEventListener = function (type, listener) {
        this.listeners.push([type, listener]);
      };
      this.removeEventListener = function (type, listener) {
        this.listeners = this.listeners.filter(function (entry) {
          return entry[0] !== type || entry[1] !== listener;
        });
      };
      this.close = function () {
        this.readyState = 2;
        this.closed++;
      };
      fakeSources.push(this);
    };
  },

  fake_event_source_count__deps: ['$fakeSources'],
  fake_event_source_count: function () {
    return fakeSources.length;
  },
  fake_event_source_closed: function (index) {
    return fakeSources[index].closed;
  },
  fake_event_source_listeners: function (index) {
    return fakeSources[index].listeners.length;
  },
  fake_event_source_with_credentials: function (index) {
    return fakeSources[index].withCredentials;
  },
  fake_event_source_has_url__deps: ['$getString'],
  fake_event_source_has_url: function (index, url, length) {
    return fakeSources[index].url === getString(url, length);
  },

  // As the browser does: sets readyState, then fires `open` or `error`.
  fake_event_source_become: function (index, readyState) {
    var source = fakeSources[index];
    source.readyState = readyState;
    var handler = readyState === 1 ? source.onopen : source.onerror;
    if (handler) handler();
  },

  // How often the id of any event was looked at.
  fake_event_source_id_looks__deps: ['$fakeIdLooks'],
  fake_event_source_id_looks: function () {
    return fakeIdLooks;
  },

  fake_event_source_dispatch__deps: ['$fakeIdLooks', '$getString'],
  fake_event_source_dispatch: function (index, type, typeLength, data, dataLength, id, idLength) {
    var lastEventId = getString(id, idLength);
    var event = {
      type: getString(type, typeLength),
      data: getString(data, dataLength),
      get lastEventId() {
        fakeIdLooks++;
        return lastEventId;
      },
      origin: 'https://' + index + '.example.org',
    };
    fakeSources[index].listeners.slice().forEach(function (entry) {
      if (entry[0] === event.type) entry[1](event);
    });
  },

  // As WebKit does to a source that was closed in `pagehide`, when its page comes back: it connects again, which is an
  // `error` at first. Returns the readyState that is left of it.
  fake_event_source_revive: function (index) {
    var source = fakeSources[index];
    source.readyState = 0;
    if (source.onerror) source.onerror();
    if (source.readyState === 0) {
      source.readyState = 1;
      if (source.onopen) source.onopen();
    }
    return source.readyState;
  },

  // An `error` of the connection reaches listeners of that type too, without data.
  fake_event_source_fail: function (index) {
    var source = fakeSources[index];
    source.readyState = 0;
    if (source.onerror) source.onerror();
    source.listeners.slice().forEach(function (entry) {
      if (entry[0] === 'error') entry[1]({ type: 'error' });
    });
  },
});
