// A loop that a test turns by hand, on a clock that the test moves: for a generator, or what it awaits, without a
// server and without a thread. Posting: any thread; the rest: one thread, which is the loop's.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {

class ManualLoop {
 public:
  explicit ManualLoop(Clock::WallTime start = {}) : clock_(start) {}

  Loop& loop() { return loop_; }
  ManualClock& clock() { return clock_; }

  // Moves the clock, and fires what is due then: 100,000 timers at most, should one wait for no time again and again.
  void pass(std::chrono::nanoseconds time) {
    clock_.advance(time);
    loop_.timers().run_due(100'000);
  }
  // Runs what was posted, and lets the time pass at which something is due, until this is so; false where nothing is
  // posted any more and nothing due. For ever, where it never is so and there is a ticker.
  template <class IsSo>
  bool run_until(IsSo is_so) {
    while (!is_so()) {
      if (turn()) continue;
      const auto deadline = loop_.timers().next_deadline();
      if (!deadline) return false;
      pass(std::max(*deadline - loop_.now(), Clock::Time::duration::zero()));
    }
    return true;
  }
  // Runs what was posted before; what that posts is for the next turn. Whether there was anything.
  bool turn() {
    std::vector<std::function<void()>> works;
    {
      const std::lock_guard lock(mutex_);
      works.swap(posted_);
    }
    for (const auto& work : works) work();
    return !works.empty();
  }

 private:
  ManualClock clock_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  Loop loop_{clock_, [this](std::function<void()> work) {
               const std::lock_guard lock(mutex_);
               posted_.push_back(std::move(work));
             }};
};

}  // namespace tidings
