// The browser's side of connection.cc: one EventSource object a connection, by its address, and its events as calls. What is
// noted for each event is beside the browser's object, not in it, where that takes a browser longer.
mergeInto(LibraryManager.library, {
  $eventSources: {},

  // `source` is the browser's, or has what is used of one here (share.js).
  $adoptEventSource__deps: ['$eventSources', 'tidings_event_source_state'],
  $adoptEventSource: function (connection, source) {
    var stream = (eventSources[connection] = { source: source, types: {} });
    source.onopen = source.onerror = function () {
      stream.isOriginTold = false;
      _tidings_event_source_state(connection, source.readyState);
    };
  },

  // False where the browser can't open it.
  $openEventSource__deps: ['$adoptEventSource'],
  $openEventSource: function (connection, url, withCredentials) {
    try {
      adoptEventSource(connection, new EventSource(url, { withCredentials: !!withCredentials }));
    } catch (error) {
      console.error(error.message);
      return false;
    }
    return true;
  },

  tidings_event_source_open__deps: ['$getString', '$openEventSource'],
  tidings_event_source_open: function (connection, url, urlLength, withCredentials) {
    return openEventSource(connection, getString(url, urlLength), withCredentials);
  },

  tidings_event_source_listen__deps: [
    '$eventSources',
    '$getString',
    '$putText',
    'tidings_event_source_event',
    'tidings_event_source_nested',
    'tidings_event_source_origin',
  ],
  tidings_event_source_listen: function (connection, type, name, nameLength) {
    var stream = eventSources[connection];
    name = getString(name, nameLength);
    stream.source.addEventListener(
      name,
      (stream.types[type] = function (event) {
        // A connection's own `error` has no data; what is closed says nothing, even if its events are queued already.
        var data = event.data;
        if (data === undefined || !stream.types) return;
        if (!stream.isOriginTold) {
          stream.isOriginTold = true;
          _tidings_event_source_origin(connection, putText(event.origin), textLength);
        }
        if (stream.isTaking) _tidings_event_source_nested(connection);
        stream.isTaking = true;
        stream.event = event;
        _tidings_event_source_event(connection, type, putText(data), textLength);
        stream.isTaking = false;
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
    var stream = eventSources[connection];
    name = getString(name, nameLength);
    stream.source.removeEventListener(name, stream.types[type]);
    delete stream.types[type];
  },

  tidings_event_source_close__deps: ['$eventSources'],
  tidings_event_source_close: function (connection) {
    var stream = eventSources[connection];
    var source = stream.source;
    delete eventSources[connection];
    stream.types = null;
    // Before it has said anything: most likely it was main()'s.
    if (stream.isOriginTold === undefined) {
      console.warn('An EventSource was let go before it was answered: one that main() holds ends with main(), so make it static.');
    }
    // WebKit connects a source that was closed in `pagehide` again when the page comes back: whatever it says, it is closed.
    source.onopen = source.onerror = source.close;
    source.close();
  },
});
