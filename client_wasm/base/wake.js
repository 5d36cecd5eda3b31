// The browser's side of wake.cc: one set of listeners, while anybody wants to know.
mergeInto(LibraryManager.library, {
  $takeWake__deps: ['tidings_wake'],
  $takeWake: function (event) {
    var type = event.type;
    if (type !== 'visibilitychange' || !document.hidden) _tidings_wake(type === 'freeze' || type === 'pagehide');
  },

  tidings_wake_watch__deps: ['$takeWake'],
  tidings_wake_watch: function (isOn) {
    var change = isOn ? 'addEventListener' : 'removeEventListener';
    ['pageshow', 'pagehide', 'online'].forEach(function (type) {
      window[change](type, takeWake);
    });
    ['visibilitychange', 'freeze', 'resume'].forEach(function (type) {
      document[change](type, takeWake);
    });
  },
});
