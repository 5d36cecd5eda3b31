// The browser's side of timer.cc: timers by their address, the clock and random numbers.
mergeInto(LibraryManager.library, {
  $timers: {},

  tidings_now: function () {
    return Date.now();
  },

  tidings_random: function () {
    return Math.random();
  },

  tidings_timer_start__deps: ['$timers', 'tidings_timer_due'],
  tidings_timer_start: function (timer, milliseconds) {
    timers[timer] = setTimeout(function () {
      delete timers[timer];
      _tidings_timer_due(timer);
    }, milliseconds);
  },

  tidings_timer_stop__deps: ['$timers'],
  tidings_timer_stop: function (timer) {
    clearTimeout(timers[timer]);
    delete timers[timer];
  },
});
