#include "tidings/server/loop/bell.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kListenersPerTurn = 64;
constexpr std::chrono::milliseconds kSoon{50};

}  // namespace

// Those who are left are told in another turn, also when a listener has thrown.
struct Bell::TellRest {
  Bell& bell;
  ~TellRest() {
    if (bell.untold_ == 0 && std::exchange(bell.is_rung_meanwhile_, false)) bell.untold_ = bell.listeners_.size();
    if (bell.untold_ > 0) bell.loop_.post([self = bell.shared_from_this()] { self->tell(); });
  }
};

void Bell::ring() {
  if (is_rung_.exchange(true)) return;
  loop_.post([self = shared_from_this()] {
    if (self->gather_time_ > self->gather_time_.zero()) return self->answer_in(self->gather_time_);
    self->answer();
  });
}

void Bell::ring_soon() {
  loop_.post([self = shared_from_this()] { self->answer_in(kSoon); });
}

void Bell::answer_in(std::chrono::milliseconds time) {
  const Clock::Time due = loop_.now() + time;
  if (is_armed() && due_ <= due) return;
  due_ = due;
  arm(loop_.timers(), due);
}

void Bell::answer() {
  is_rung_ = false;  // before they look into the log: what is published from now on rings again
  if (untold_ > 0) {
    is_rung_meanwhile_ = true;
  } else {
    untold_ = listeners_.size();
    tell();
  }
}

// Tells some listeners in a turn, from the roster's end, so that the loop gets to its other work. A listener that comes
// meanwhile need not be told: it looks into the log after it has begun to listen.
void Bell::tell() {
  const auto self = shared_from_this();  // its last listener may stop listening meanwhile
  const TellRest rest{*this};
  for (std::size_t count = 0; count < kListenersPerTurn; ++count) {
    untold_ = std::min(untold_, listeners_.size());
    if (untold_ == 0) break;
    listeners_[--untold_].on_published();
  }
}

}  // namespace tidings
