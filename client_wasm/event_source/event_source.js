// The browser's side of connection.cc: one EventSource object a connection, by its address, and its events as calls.
mergeInto(LibraryManager.library, {
  $eventSources: {},

  // `source` is the browser's, or has what is used of one here (share.js).
  $adoptEventSource__deps: ['$eventSources', 'tidings_event_source_state'],
  $adoptEventSource: function (connection, source) {
    eventSources[connection] = source;
    source.types = {};
    source.taken = 0; // how many of its events are being taken: one at most, unless a listener was ended before its end
    source.take = function () {
      source.taken++;
    };
    source.onopen = source.onerror = function () {
      source.isOriginTold = false;
      _tidings_event_source_state(connection, source.readyState);
    };
  },

  tidings_event_source_open__deps: ['$adoptEventSource', '$getString'],
  tidings_event_source_open: function (connection, url, urlLength, withCredentials) {
    try {
      adoptEventSource(
        connection,
        new EventSource(getString(url, urlLength), { withCredentials: !!withCredentials })
      );
    } catch (error) {
      console.error(error.message);
      return false;
    }
    return true;
  },

  // Firefox ends the script that runs when it begins to close a tab, or the next one that would, and goes on with the next
  // event: that one listener of that one event then does nothing, or half of its work. So an event has two: the first counts
  // it and the second has taken it when it comes to its end, and whichever of them is ended, the next event tells.
  tidings_event_source_listen__deps: [
    '$eventSources',
    '$getString',
    '$putText',
    'tidings_event_source_event',
    'tidings_event_source_origin',
    'tidings_event_source_torn',
  ],
  tidings_event_source_listen: function (connection, type, name, nameLength) {
    var source = eventSources[connection];
    name = getString(name, nameLength);
    source.addEventListener(name, source.take);
    source.addEventListener(
      name,
      (source.types[type] = function (event) {
        // A connection's own `error` has no data; what is closed says nothing, even if its events are queued already.
        var data = event.data;
        if (!source.types) return;
        if (source.taken !== 1) _tidings_event_source_torn(connection);
        source.taken = 1;
        try {
          if (data === undefined) return;
          if (!source.isOriginTold) {
            source.isOriginTold = true;
            _tidings_event_source_origin(connection, putText(event.origin), textLength);
          }
          source.event = event;
          _tidings_event_source_event(connection, type, putText(data), textLength);
        } finally {
          source.taken = 0; // not where the browser ended it: that is no exception
        }
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
    name = getString(name, nameLength);
    source.removeEventListener(name, source.take);
    source.removeEventListener(name, source.types[type]);
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
