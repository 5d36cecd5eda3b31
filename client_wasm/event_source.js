// The browser's side of connection.cc: one EventSource object a connection, by its address, and its events as calls.
mergeInto(LibraryManager.library, {
  $eventSources: {},

  tidings_event_source_open__deps: ['$eventSources', '$getString', 'tidings_event_source_state'],
  tidings_event_source_open: function (connection, url, urlLength, withCredentials) {
    try {
      var source = new EventSource(getString(url, urlLength), { withCredentials: !!withCredentials });
    } catch (error) {
      console.error(error.message);
      return false;
    }
    eventSources[connection] = source;
    source.types = {};
    source.onopen = source.onerror = function () {
      _tidings_event_source_state(connection, source.readyState);
    };
    return true;
  },

  tidings_event_source_listen__deps: [
    '$eventSources',
    '$getString',
    '$putStrings',
    'tidings_event_source_event',
    'tidings_event_source_origin',
  ],
  tidings_event_source_listen: function (connection, type, name, nameLength) {
    var source = eventSources[connection];
    source.addEventListener(
      getString(name, nameLength),
      (source.types[type] = function (event) {
        // A connection's own `error` has no data; what is closed says nothing, even if its events are queued already.
        if (event.data === undefined || eventSources[connection] !== source) return;
        if (source.origin !== event.origin) {
          source.origin = event.origin;
          _tidings_event_source_origin(connection, putStrings([event.origin])[0]);
        }
        var lengths = putStrings([event.data, event.lastEventId]);
        _tidings_event_source_event(connection, type, lengths[0], lengths[1]);
      })
    );
  },

  tidings_event_source_unlisten__deps: ['$eventSources', '$getString'],
  tidings_event_source_unlisten: function (connection, type, name, nameLength) {
    var types = eventSources[connection].types;
    eventSources[connection].removeEventListener(getString(name, nameLength), types[type]);
    delete types[type];
  },

  tidings_event_source_close__deps: ['$eventSources'],
  tidings_event_source_close: function (connection) {
    var source = eventSources[connection];
    delete eventSources[connection];
    source.onopen = source.onerror = null;
    source.close();
  },
});
