#include "tidings/server/loop/timers.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tidings {

using std::chrono::floor;
using std::chrono::milliseconds;

void Timer::arm(Timers& timers, Clock::Time deadline) {
  disarm();
  timers.add(*this, deadline);
  timers_ = &timers;
  if (!timers.running_ && place_ == 0) timers.on_earlier_();
}

void Timer::disarm() {
  if (Timers* timers = std::exchange(timers_, nullptr)) timers->remove(place_);
}

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
  // By more than an interval at once, or by little again and again.
  const bool is_far_off = was_ahead - wall_ahead_ > interval_ || next_ > newest + 2;
  if (is_late) next_ = newest;
  if (is_far_off) next_ = std::min(next_, newest + 1);
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

void Ticker::wall_clock_was_set() {
  is_due();  // which tick is the next is another question now
  wait(waiter_);
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
  return waiting_.front().deadline;
}

void Timers::wall_clock_was_set() {
  std::vector<Timer*> all;
  for (const Waiting& each : waiting_) all.push_back(each.timer);
  for (Timer* const timer : all) timer->wall_clock_was_set();
}

void Timers::run_due(std::size_t most) {
  struct Reset {
    bool& running;
    ~Reset() { running = false; }  // also where a timer throws
  } const reset{running_};
  running_ = true;
  const Clock::Time now = clock_.now();
  for (std::size_t fired = 0; fired < most && !waiting_.empty() && waiting_.front().deadline <= now; ++fired) {
    Timer* timer = waiting_.front().timer;
    timer->disarm();
    timer->expired();
  }
}

void Timers::add(Timer& timer, Clock::Time deadline) {
  waiting_.emplace_back();
  put_up(waiting_.size() - 1, {deadline, armed_++, &timer});
}

// The last one goes where it was, or from there to where it belongs.
void Timers::remove(std::size_t place) {
  const Waiting last = waiting_.back();
  waiting_.pop_back();
  if (place == waiting_.size()) return;
  if (place > 0 && last < waiting_[(place - 1) / 2]) return put_up(place, last);
  put_down(place, last);
}

void Timers::put(std::size_t place, const Waiting& waiting) {
  waiting_[place] = waiting;
  waiting.timer->place_ = place;
}

void Timers::put_up(std::size_t place, const Waiting& waiting) {
  for (; place > 0; place = (place - 1) / 2) {
    const Waiting above = waiting_[(place - 1) / 2];
    if (above < waiting) break;
    put(place, above);
  }
  put(place, waiting);
}

void Timers::put_down(std::size_t place, const Waiting& waiting) {
  for (std::size_t below = 2 * place + 1; below < waiting_.size(); below = 2 * place + 1) {
    if (below + 1 < waiting_.size() && waiting_[below + 1] < waiting_[below]) ++below;
    if (waiting < waiting_[below]) break;
    put(place, waiting_[below]);
    place = below;
  }
  put(place, waiting);
}

}  // namespace tidings
