// Everything that waits for time on one loop: timers in the order of their deadlines, and what a generator awaits.
// Not an event loop: whoever owns it asks for the next deadline and calls run_due(). Loop thread only,
// but for post().
#pragma once

#include <chrono>
#include <coroutine>
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
  virtual void expired() = 0;  // disarmed by now; may arm again, and may destroy the timer
  // The wall clock jumped while the timer waited; may arm it again and nothing else.
  virtual void wall_clock_was_set() {}

  Timers* timers_ = nullptr;
  std::size_t place_ = 0;  // among those that wait, while it is armed
};

// The wall's time at a whole multiple of an interval since the Unix epoch.
struct Tick {
  std::uint64_t number;                                   // `time` divided by the interval
  std::chrono::sys_time<std::chrono::milliseconds> time;  // when the tick was due, not when it was seen
};

// Ticks at absolute deadlines, so they neither drift nor depend on when the ticker was made. A tick that is late by an
// interval or more is skipped and its number with it. Where the wall clock is set back by more than an interval, the
// numbers follow it. Lives in the generator that awaits it, on the loop of its Timers.
class Ticker final : private Timer {
 public:
  // `co_await ticker.next()` gives the next Tick: at once when it is due already.
  auto next() {
    struct Awaiter {
      Ticker& ticker;
      bool await_ready() { return ticker.is_due(); }
      void await_suspend(std::coroutine_handle<> waiter) { ticker.wait(waiter); }
      Tick await_resume() { return ticker.take(); }
    };
    return Awaiter{*this};
  }

 private:
  friend class Timers;
  Ticker(Timers& timers, std::chrono::milliseconds interval);

  bool is_due();
  void wait(std::coroutine_handle<> waiter);
  Tick take();
  void expired() override;
  void wall_clock_was_set() override;
  std::int64_t current() const;  // the number of the newest tick that has been due
  std::chrono::nanoseconds wall_ahead() const;

  Timers& timers_;
  std::chrono::milliseconds interval_;
  std::chrono::nanoseconds wall_ahead_;  // of the clock that never jumps, when it was last looked at
  std::int64_t next_;
  std::coroutine_handle<> waiter_;
};

// `co_await timers.sleep(200ms)`.
class Sleep final : private Timer {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {}

 private:
  friend class Timers;
  Sleep(Timers& timers, std::chrono::nanoseconds duration) : timers_(timers), duration_(duration) {}
  void expired() override { waiter_.resume(); }

  Timers& timers_;
  std::chrono::nanoseconds duration_;
  std::coroutine_handle<> waiter_;
};

class Timers {
 public:
  using Post = std::function<void(std::function<void()> work)>;

  // Calls `on_earlier` when the next deadline comes sooner than it last was, not from within run_due(). `post` runs
  // work on the loop, from any thread; without it post() may not be called.
  explicit Timers(
      const Clock& clock, std::function<void()> on_earlier = [] {}, Post post = {});
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // At least 1 ms, else std::invalid_argument.
  Ticker every(std::chrono::milliseconds interval);
  Sleep sleep(std::chrono::nanoseconds duration) { return Sleep(*this, duration); }

  // Runs `work` on this loop, soon. Any thread. In a server, what it throws is logged and counted.
  void post(std::function<void()> work) { post_(std::move(work)); }

  const Clock& clock() const { return clock_; }
  Clock::Time now() const { return clock_.now(); }

  std::optional<Clock::Time> next_deadline() const;

  // Lets those that wait for a time of the wall's look at it again.
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
  void remove(std::size_t place);
  void put(std::size_t place, const Waiting& waiting);
  void put_up(std::size_t place, const Waiting& waiting);
  void put_down(std::size_t place, const Waiting& waiting);

  const Clock& clock_;
  std::function<void()> on_earlier_;
  Post post_;
  std::vector<Waiting> waiting_;  // a binary heap, the earliest first, of timers that know their places
  std::uint64_t armed_ = 0;       // timers, so far
  bool running_ = false;
};

}  // namespace tidings
