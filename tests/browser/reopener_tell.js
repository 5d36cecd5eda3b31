// The browser's side of reopener.cc: what the page holds after each cycle, for the test.
mergeInto(LibraryManager.library, {
  reopener_tell__deps: ['$eventSources', '$timers'],
  reopener_tell: function (cycles, allocations) {
    reopenerSeen[cycles] = {
      allocations: allocations,
      memory: HEAPU8.length,
      sources: Object.keys(eventSources).length,
      timers: Object.keys(timers).length,
    };
    reopenerWake();
  },
});
