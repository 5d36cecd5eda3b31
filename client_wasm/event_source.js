// The browser's side of event_source.cc: one EventSource object a handle, and its events as calls.
mergeInto(LibraryManager.library, {
  $eventSources: {},

  tidings_event_source_open__deps: ['$eventSources', '$getString', 'tidings_event_source_state'],
  tidings_event_source_open: function (handle, url, urlLength) {
    var source = new EventSource(getString(url, urlLength));
    eventSources[handle] = source;
    source.onopen = source.onerror = function () {
      _tidings_event_source_state(handle, source.readyState);
    };
  },

  tidings_event_source_listen__deps: ['$eventSources', '$getString', '$putStrings', 'tidings_event_source_event'],
  tidings_event_source_listen: function (handle, type, typeLength) {
    var source = eventSources[handle];
    source.addEventListener(getString(type, typeLength), function (event) {
      // A connection's own `error` has no data; what is closed says nothing, even if its events are queued already.
      if (event.data === undefined || eventSources[handle] !== source) return;
      var lengths = putStrings([event.type, event.data, event.lastEventId]);
      _tidings_event_source_event(handle, lengths[0], lengths[1], lengths[2]);
    });
  },

  tidings_event_source_close__deps: ['$eventSources'],
  tidings_event_source_close: function (handle) {
    var source = eventSources[handle];
    delete eventSources[handle];
    source.onopen = source.onerror = null;
    source.close();
  },
});
