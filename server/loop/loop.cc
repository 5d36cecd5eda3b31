#include "tidings/server/loop/loop.h"

#include <algorithm>
#include <stdexcept>

namespace tidings {

using std::chrono::floor;
using std::chrono::milliseconds;

Ticker::Ticker(Timers& timers, milliseconds interval)
    : timers_(timers), interval_(interval), wall_ahead_(wall_ahead()), next_(current() + 1) {}

std::int64_t Ticker::current() const {
  return floor<milliseconds>(timers_.clock().wall_now()).time_since_epoch() / interval_;
}

std::chrono::nanoseconds Ticker::wall_ahead() const {
  return timers_.clock().wall_now().time_since_epoch() - timers_.now().time_since_epoch();
}

bool Ticker::is_due() {
  const std::int64_t newest = current();
  const std::chrono::nanoseconds was_ahead = std::exchange(wall_ahead_, wall_ahead());
  const bool is_late = next_ < newest;
  // The wall clock was set back by more than an interval at once, or by less again and again.
  const bool is_far_off = was_ahead - wall_ahead_ > interval_ || next_ > newest + 2;
  if (is_late) next_ = newest;
  if (is_far_off) next_ = std::min(next_, newest + 1);
  return next_ <= newest;
}

void Ticker::wait(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  // Before the wall clock: time that passes in between makes the timer fire early, and then it waits again.
  const Clock::Time now = timers_.now();
  const Clock::WallTime deadline(next_ * interval_);
  arm(timers_, now + std::chrono::duration_cast<Clock::Time::duration>(deadline - timers_.clock().wall_now()));
}

Tick Ticker::take() {
  const std::int64_t number = next_++;
  return {static_cast<std::uint64_t>(number), std::chrono::sys_time<milliseconds>(number * interval_)};
}

void Ticker::expired() {
  if (is_due()) {
    waiter_.resume();
  } else {
    wait(waiter_);  // the wall clock runs slow or was set back
  }
}

void Ticker::wall_clock_was_set() {
  is_due();  // sets next_ right
  wait(waiter_);
}

void Sleep::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  arm(timers_, timers_.now() + duration_);
}

Ticker Loop::every(milliseconds interval) {
  if (interval < milliseconds(1)) throw std::invalid_argument("a ticker's interval is at least 1 ms");
  return Ticker(timers_, interval);
}

Workers& Loop::workers() const {
  if (workers_) return *workers_;
  throw std::logic_error("This Loop has no workers: a server's has them, any other gets them by set_workers().");
}

}  // namespace tidings
