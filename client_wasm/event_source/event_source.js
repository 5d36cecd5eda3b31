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
      source.isOriginTold = false;
      _tidings_event_source_state(connection, source.readyState);
    };
    return true;
  },

  tidings_event_source_listen__deps: [
    '$eventSources',
    '$getString',
    '$putText',
    'tidings_event_source_event',
    'tidings_event_source_origin',
  ],
  tidings_event_source_listen: function (connection, type, name, nameLength) {
    var source = eventSources[connection];
    source.addEventListener(
      getString(name, nameLength),
      (source.types[type] = function (event) {
        // A connection's own `error` has no data; what is closed says nothing, even if its events are queued already.
        var data = event.data;
        if (data === undefined || !source.types) return;
        if (!source.isOriginTold) {
          source.isOriginTold = true;
          _tidings_event_source_origin(connection, putText(event.origin), textLength);
        }
        source.event = event;
        _tidings_event_source_event(connection, type, putText(data), textLength);
      })
    );
  },

  // The latest event's id, when it is asked for: to read it costs a browser more than to hand it over.
  tidings_event_source_tell_id__deps: ['$eventSources', '$putText', 'tidings_event_source_id'],
  tidings_event_source_tell_id: function (connection) {
    _tidings_event_source_id(connection, putText(eventSources[connection].event.lastEventId), textLength);
  },

  tidings_event_source_unlisten__deps: ['$eventSources', '$getString'],
  tidings_event_source_unlisten: function (connection, type, name, nameLength) {
    var source = eventSources[connection];
    source.removeEventListener(getString(name, nameLength), source.types[type]);
    delete source.types[type];
  },

  tidings_event_source_close__deps: ['$eventSources'],
  tidings_event_source_close: function (connection) {
    var source = eventSources[connection];
    delete eventSources[connection];
    source.types = null;
    // WebKit connects a source that was closed in `pagehide` again when the page comes back: whatever it says, it is closed.
    source.onopen = source.onerror = source.close;
    source.close();
  },
});
