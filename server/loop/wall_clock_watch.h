// Notices that the system's wall clock was set: by hand, by NTP's first correction, by a machine that was asleep.
// Timers wait by the steady clock, so one that waits for a time of day would otherwise come when the old wall clock
// would have shown it. Source: the manual page timerfd_create(2), TFD_TIMER_CANCEL_ON_SET. Loop thread only.
#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <functional>

#include "tidings/server/loop/loop_context.h"

namespace tidings {

class WallClockWatch {
 public:
  // Calls `on_set` from the loop each time the wall clock was set; never, where the kernel can't tell.
  WallClockWatch(LoopContext& context, std::function<void()> on_set);

  // Stops watching for good, so that the context can run out of work.
  void stop();

 private:
  void look();

  LoopContext& context_;
  std::function<void()> on_set_;
  asio::posix::stream_descriptor timer_;
};

}  // namespace tidings
