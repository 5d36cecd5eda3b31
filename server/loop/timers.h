// Everything that waits for time on one loop, in the order of deadlines. Not an event loop: whoever owns it asks for
// the next deadline and calls run_due(). What a generator awaits is in loop.h. Loop thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "tidings/server/loop/clock.h"

namespace tidings {

class Timers;

// One deadline. It disarms itself when it is destroyed, so it never fires into something that is gone.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 protected:
  Timer() = default;
  ~Timer() { disarm(); }

  void arm(Timers& timers, Clock::Time deadline);  // replaces an earlier deadline
  void disarm();
  bool is_armed() const { return timers_ != nullptr; }

 private:
  friend class Timers;
  // The deadline is over and the timer is disarmed; may arm it again, and may destroy it.
  virtual void expired() = 0;
  // The wall clock jumped while the timer was armed. May arm this timer again, but touch no other.
  virtual void wall_clock_was_set() {}

  Timers* timers_ = nullptr;
  std::size_t index_ = 0;  // in the heap of its Timers, while it is armed
};

class Timers {
 public:
  // Calls `on_earlier` when a timer is armed whose deadline is the earliest of all; within run_due() it does not, since
  // whoever calls that asks for the next deadline afterwards.
  explicit Timers(
      const Clock& clock, std::function<void()> on_earlier = [] {});
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  const Clock& clock() const { return clock_; }
  Clock::Time now() const { return clock_.now(); }

  // Empty when no timer is armed.
  std::optional<Clock::Time> next_deadline() const;

  // Tells every armed timer that the wall clock was set, so that one that waits for a time of day arms itself anew.
  void wall_clock_was_set();

  // Fires what is due, the earliest first, in the order of arming where deadlines are equal; at most `most` of them, so
  // that sockets get their turn. A timer that a callback arms during this call fires in it only when its deadline is
  // already over.
  void run_due(std::size_t most);

 private:
  friend class Timer;

  struct Waiting {
    Clock::Time deadline;
    std::uint64_t order;  // of arming
    Timer* timer;

    auto operator<=>(const Waiting& other) const {
      return std::tie(deadline, order) <=> std::tie(other.deadline, other.order);
    }
  };

  void add(Timer& timer, Clock::Time deadline);
  void remove(std::size_t index);
  void put(std::size_t index, const Waiting& waiting);
  void put_up(std::size_t index, const Waiting& waiting);
  void put_down(std::size_t index, const Waiting& waiting);

  const Clock& clock_;
  std::function<void()> on_earlier_;
  std::vector<Waiting> waiting_;  // a binary heap, the earliest first, whose timers know their index
  std::uint64_t armed_ = 0;       // how often a timer was armed so far
  bool running_ = false;
};

}  // namespace tidings
