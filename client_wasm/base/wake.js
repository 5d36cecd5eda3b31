// The browser's side of wake.cc: one set of listeners, while anybody wants to know. A worker has no document and hears of
// the network alone; node has neither.
mergeInto(LibraryManager.library, {
  $takeWake__deps: ['tidings_wake'],
  $takeWake: function (event) {
    var type = event.type;
    if (type !== 'visibilitychange' || !document.hidden) _tidings_wake(type === 'freeze' || type === 'pagehide');
  },

  tidings_wake_watch__deps: ['$takeWake'],
  tidings_wake_watch: function (isOn) {
    function watch(target, types) {
      if (!target) return;
      types.forEach(function (type) {
        target[isOn ? 'addEventListener' : 'removeEventListener'](type, takeWake);
      });
    }
    watch(globalThis.window || globalThis.self, ['pageshow', 'pagehide', 'online']);
    watch(globalThis.document, ['visibilitychange', 'freeze', 'resume']);
  },
});
