#include "server/timers.h"

#include <stdexcept>
#include <utility>

namespace tidings {

using std::chrono::floor;
using std::chrono::milliseconds;

void Timer::arm(Timers& timers, Clock::Time deadline) {
  disarm();
  timers_ = &timers;
  place_ = timers.waiting_.emplace(deadline, this);
  if (!timers.running_ && place_ == timers.waiting_.begin()) timers.on_earlier_();
}

void Timer::disarm() {
  if (Timers* timers = std::exchange(timers_, nullptr)) timers->waiting_.erase(place_);
}

Ticker::Ticker(Timers& timers, milliseconds interval) : timers_(timers), interval_(interval), next_(current() + 1) {}

std::int64_t Ticker::current() const {
  return floor<milliseconds>(timers_.clock().wall_now()).time_since_epoch() / interval_;
}

bool Ticker::is_due() {
  const std::int64_t newest = current();
  const bool is_late = next_ < newest;
  const bool was_set_back = next_ > newest + 2;
  if (is_late) next_ = newest;
  if (was_set_back) next_ = newest + 1;
  return next_ <= newest;
}

void Ticker::wait(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  const Clock::Time now = timers_.now();  // first: time that passes in between makes it early, which is_due() mends
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

void Sleep::await_suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  arm(timers_, timers_.now() + duration_);
}

Timers::Timers(const Clock& clock, std::function<void()> on_earlier, Post post)
    : clock_(clock), on_earlier_(std::move(on_earlier)), post_(std::move(post)) {}

Ticker Timers::every(milliseconds interval) {
  if (interval < milliseconds(1)) throw std::invalid_argument("a ticker's interval is at least 1 ms");
  return Ticker(*this, interval);
}

std::optional<Clock::Time> Timers::next_deadline() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

void Timers::run_due(std::size_t most) {
  running_ = true;
  const Clock::Time now = clock_.now();
  for (std::size_t fired = 0; fired < most && !waiting_.empty() && waiting_.begin()->first <= now; ++fired) {
    Timer* timer = waiting_.begin()->second;
    timer->disarm();
    timer->expired();
  }
  running_ = false;
}

}  // namespace tidings
