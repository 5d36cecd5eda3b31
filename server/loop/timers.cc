#include "tidings/server/loop/timers.h"

#include <utility>

namespace tidings {

void Timer::arm(Timers& timers, Clock::Time deadline) {
  disarm();
  timers.add(*this, deadline);
  timers_ = &timers;
  if (!timers.running_ && index_ == 0) timers.on_earlier_();
}

void Timer::disarm() {
  if (Timers* timers = std::exchange(timers_, nullptr)) timers->remove(index_);
}

Timers::Timers(const Clock& clock, std::function<void()> on_earlier)
    : clock_(clock), on_earlier_(std::move(on_earlier)) {}

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

// The last of the heap takes the index that is free now, and moves up or down from there to where it belongs.
void Timers::remove(std::size_t index) {
  const Waiting last = waiting_.back();
  waiting_.pop_back();
  if (index == waiting_.size()) return;
  if (index > 0 && last < waiting_[(index - 1) / 2]) return put_up(index, last);
  put_down(index, last);
}

void Timers::put(std::size_t index, const Waiting& waiting) {
  waiting_[index] = waiting;
  waiting.timer->index_ = index;
}

void Timers::put_up(std::size_t index, const Waiting& waiting) {
  for (; index > 0; index = (index - 1) / 2) {
    const Waiting above = waiting_[(index - 1) / 2];
    if (above < waiting) break;
    put(index, above);
  }
  put(index, waiting);
}

void Timers::put_down(std::size_t index, const Waiting& waiting) {
  for (std::size_t below = 2 * index + 1; below < waiting_.size(); below = 2 * index + 1) {
    if (below + 1 < waiting_.size() && waiting_[below + 1] < waiting_[below]) ++below;
    if (waiting < waiting_[below]) break;
    put(index, waiting_[below]);
    index = below;
  }
  put(index, waiting);
}

}  // namespace tidings
