// The event loop that a generator lives on, as far as an application sees it: its time, and the way to it from other
// threads. What else a loop has, sockets and sessions, is event_loop.h's. Loop thread only, but for post().
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <utility>

#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/timers.h"

namespace tidings {

class Workers;

// A moment of the wall clock that is a whole multiple of an interval away from the Unix epoch.
struct Tick {
  std::uint64_t number;                                   // `time` divided by the interval
  std::chrono::sys_time<std::chrono::milliseconds> time;  // when the tick was due, not when it was seen
};

// Ticks at absolute deadlines, so they neither drift nor depend on when the ticker was made. A tick that is late by an
// interval or more is skipped and its number with it. Where the wall clock is set back by more than an interval, the
// numbers follow it, and some come a second time. Lives in the generator that awaits it, on that generator's loop.
class Ticker final : private Timer {
 public:
  // What next() gives, to be awaited once. It may be moved before that.
  class Next {
   public:
    explicit Next(Ticker& ticker) : ticker_(&ticker) {}
    Next(Next&& other) noexcept : ticker_(std::exchange(other.ticker_, nullptr)) {}
    ~Next() {
      if (ticker_) ticker_->disarm();
    }
    bool await_ready() { return ticker_->is_due(); }
    void await_suspend(std::coroutine_handle<> waiter) { ticker_->wait(waiter); }
    Tick await_resume() { return ticker_->take(); }

   private:
    Ticker* ticker_;
  };

  // `co_await ticker.next()` gives the next Tick: at once when it is due already. One at a time.
  [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Next next() { return Next(*this); }

 private:
  friend class Loop;
  Ticker(Timers& timers, std::chrono::milliseconds interval);

  // Whether the next tick is due, once next_ has been set right for what the wall clock has done since.
  bool is_due();
  void wait(std::coroutine_handle<> waiter);
  Tick take();
  void expired() override;
  void wall_clock_was_set() override;
  std::int64_t current() const;  // the number of the newest tick that has been due
  std::chrono::nanoseconds wall_ahead() const;

  Timers& timers_;
  std::chrono::milliseconds interval_;
  std::chrono::nanoseconds wall_ahead_;  // of the steady clock, when is_due() last looked
  std::int64_t next_;                    // the number of the next tick
  std::coroutine_handle<> waiter_;
};

// `co_await loop.sleep(200ms)` goes on once that time has passed. It may be moved before it is awaited.
class [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Sleep final : private Timer {
 public:
  Sleep(Sleep && other) noexcept : timers_(other.timers_), duration_(other.duration_) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {}

 private:
  friend class Loop;
  Sleep(Timers & timers, std::chrono::nanoseconds duration) : timers_(timers), duration_(duration) {}
  void expired() override { waiter_.resume(); }

  Timers& timers_;
  std::chrono::nanoseconds duration_;
  std::coroutine_handle<> waiter_;
};

class Loop {
 public:
  using Post = std::function<void(std::function<void()> work)>;

  // `post` takes work from any thread and runs it on the loop, soon; without it, post() may not be called. `on_earlier`
  // is for the timers.
  explicit Loop(
      const Clock& clock, Post post = {}, std::function<void()> on_earlier = [] {})
      : timers_(clock, std::move(on_earlier)), post_(std::move(post)) {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  // A ticker whose ticks are `interval` apart. Throws std::invalid_argument where that is less than 1 ms.
  [[nodiscard]] Ticker every(std::chrono::milliseconds interval);
  Sleep sleep(std::chrono::nanoseconds duration) { return Sleep(timers_, duration); }

  // Runs `work` on this loop soon, in the order of posting, never within this call. Any thread, for as long as the loop
  // lives; work that the loop has not come to when it ends is destroyed without having run. In a server, an exception
  // from it is logged and counted, and the loop goes on.
  void post(std::function<void()> work) { post_(std::move(work)); }

  Clock::Time now() const { return timers_.now(); }  // the steady clock's
  const Clock& clock() const { return timers_.clock(); }
  Timers& timers() { return timers_; }

  // The threads to which on_worker() hands what would hold the loop up. workers() throws std::logic_error with a
  // sentence where the loop was given none; they stay until what waits on this loop is gone.
  void set_workers(Workers& workers) { workers_ = &workers; }
  Workers& workers() const;

 private:
  Timers timers_;
  const Post post_;
  Workers* workers_ = nullptr;
};

}  // namespace tidings
