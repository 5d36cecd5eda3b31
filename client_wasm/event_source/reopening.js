// The browser's side of reopening.cc.
mergeInto(LibraryManager.library, {
  // Opens an EventSource that asks for heartbeats, and begins behind an event, where that is wanted.
  tidings_reopening_open__deps: ['$getString', '$openEventSource', '$withParameter'],
  tidings_reopening_open: function (connection, url, urlLength, withCredentials, asksForHeartbeats, id, idLength) {
    url = getString(url, urlLength);
    if (asksForHeartbeats) url = withParameter(url, 'heartbeat', 'event');
    if (idLength) url = withParameter(url, 'last_event_id', getString(id, idLength));
    return openEventSource(connection, url, withCredentials);
  },
});
