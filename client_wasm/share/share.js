// The browser's side of shared_stream.cc: objects with what event_source.js asks of an EventSource, whose streams are in a
// SharedWorker (share_worker.js). Where there is none, a page has its own.
mergeInto(LibraryManager.library, {
  $sharing: {},

  // Asks the worker, which the browser starts if there is none, for all that this page follows. Throws where there are no
  // SharedWorkers. A name with another number is another worker: it changes with what the two say to each other.
  $startSharing__deps: ['$hearSharing', '$joinShared', '$leaveSharing', '$sharing', '$stopSharing'],
  $startSharing: function () {
    if (sharing.isOff) return;
    leaveSharing();
    sharing.worker = new SharedWorker('share_worker.js', 'tidings 1');
    sharing.worker.onerror = stopSharing;
    sharing.port = sharing.worker.port;
    sharing.port.onclose = startSharing; // the worker is dead; not every browser tells
    sharing.port.onmessage = hearSharing;
    sharing.misses = 0;
    sharing.isHeard = false;
    Object.values(sharing.sources).forEach(joinShared);
  },

  $leaveSharing__deps: ['$sharing'],
  $leaveSharing: function () {
    if (!sharing.port) return;
    sharing.port.postMessage(null);
    sharing.port.onmessage = sharing.port.onclose = null;
    sharing.port.close();
  },

  // Each stream gets a connection of this page's.
  $stopSharing__deps: ['$leaveSharing', '$sharing', 'tidings_event_source_state'],
  $stopSharing: function () {
    sharing.isOff = true;
    leaveSharing();
    Object.values(sharing.sources).forEach(function (source) {
      _tidings_event_source_state(source.connection, 3);
    });
  },

  $joinShared__deps: ['$sharing'],
  $joinShared: function (source) {
    source.isJoined = true;
    sharing.port.postMessage([source.number].concat(source.options, source.id, [Object.keys(source.listeners)]));
  },

  $hearSharing__deps: [
    '$eventSources', '$putText', '$sharing', '$startSharing', '$stopSharing', 'tidings_event_source_id', 'tidings_wake',
  ],
  $hearSharing: function (event) {
    var message = event.data;
    // The first number again: WebKit starts the worker anew, behind the same ports, when the process ends that had it.
    if (message === null || (message === 0 && sharing.isHeard)) return startSharing();
    sharing.misses = 0;
    sharing.isHeard = true;
    if (typeof message === 'number') return sharing.port.postMessage(message);
    if (message.length === 1) return _tidings_wake(false); // no wait is needed any longer
    var source = sharing.sources[message[0]];
    if (!source) return;
    if (message[1] === 3) return stopSharing(); // the worker has no EventSource
    if (message.length === 3) {
      source.readyState = message[1];
      source.id = message[2];
      eventSources[source.connection].event = { lastEventId: source.id };
      if (source.id) _tidings_event_source_id(source.connection, putText(source.id), textLength);
      source.onopen();
      return;
    }
    source.id = message[3];
    (source.listeners[message[1]] || []).forEach(function (listener) {
      listener({ data: message[2], lastEventId: message[3], origin: message[4] });
    });
  },

  // False where there is nothing to share with.
  tidings_share_open__deps: [
    '$adoptEventSource', '$getString', '$joinShared', '$sharing', '$startSharing', '$withParameter',
  ],
  tidings_share_open: function (connection, url, urlLength, withCredentials, silentAfter, answerWithin, id, idLength) {
    try {
      url = getString(url, urlLength);
      if (silentAfter < Infinity) url = withParameter(url, 'heartbeat', 'event');
      url = new URL(url, document.baseURI);
      url.hash = '';
      if (sharing.isOff) return false;
      if (!sharing.port) {
        sharing.count = 0;
        sharing.sources = {};
        startSharing();
        setInterval(function () {
          if (++sharing.misses > (sharing.isHeard ? 1 : 6)) (sharing.isHeard ? startSharing : stopSharing)();
        }, 1500);
        addEventListener('pagehide', leaveSharing);
        addEventListener('pageshow', function (event) {
          if (event.persisted) startSharing();
        });
      }
    } catch (error) {
      return false;
    }
    // The number is no earlier one's, so that what is on its way for that is nobody's.
    var source = {
      connection: connection,
      number: ++sharing.count,
      options: [url.href, !!withCredentials, silentAfter, answerWithin],
      id: getString(id, idLength),
      readyState: 0,
      listeners: {},
      addEventListener: function (type, listener) {
        say([source.number, type, true]);
        source.listeners[type] = (source.listeners[type] || []).concat(listener);
      },
      removeEventListener: function (type) {
        say([source.number, type, false]);
        delete source.listeners[type];
      },
      // One that was refused is still told when another tab's attempt is successful.
      close: function () {
        if (source.readyState < 2) say([source.number]);
        delete sharing.sources[source.number];
      },
    };
    function say(message) {
      if (source.isJoined) sharing.port.postMessage(message);
    }
    sharing.sources[source.number] = source;
    adoptEventSource(connection, source);
    // Whatever is listened to at first goes along.
    Promise.resolve().then(function () {
      if (sharing.sources[source.number]) joinShared(source);
    });
    return true;
  },
});
