// Notices code of the application that holds up its loop: while a generator, or work that was posted, computes or
// blocks, no other client of that loop is served. One step is what runs from its begin() to the next end(). Loop thread
// only.
#pragma once

#include <chrono>
#include <string_view>

#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/loop_metrics.h"

namespace tidings {

class StepWatch {
 public:
  static constexpr std::chrono::milliseconds kMost{100};
  static constexpr std::chrono::seconds kQuiet{60};  // after a line in the log, for which others are only counted

  StepWatch(const Clock& clock, Count& slow_steps) : clock_(clock), slow_steps_(slow_steps) {}

  void begin() { begun_ = clock_.roughly_now(); }
  // `who` is for the log. Nothing without a begin().
  void end(std::string_view who) {
    if (begun_ == Clock::Time()) return;
    const Clock::Time now = clock_.roughly_now();
    if (now - begun_ >= kMost) [[unlikely]]
      tell(who, now);
    begun_ = {};
  }

 private:
  void tell(std::string_view who, Clock::Time now);

  const Clock& clock_;
  Count& slow_steps_;
  Clock::Time begun_ = {};
  Clock::Time quiet_until_ = {};
};

}  // namespace tidings
