// Some work to be done once. Loop thread only, once it is made.
#pragma once

#include <functional>
#include <utility>

#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/timers.h"

namespace tidings {

// Does it at a deadline, unless it is gone then.
class Alarm final : private Timer {
 public:
  Alarm(Loop& loop, Clock::Time deadline, std::function<void()> work) : work_(std::move(work)) {
    arm(loop.timers(), deadline);
  }

 private:
  void expired() override { work_(); }
  const std::function<void()> work_;
};

}  // namespace tidings
