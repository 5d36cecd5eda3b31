#include "tidings/client_wasm/event_source/reopener.h"

#include <algorithm>
#include <limits>

namespace tidings {
namespace {

// What came while the page was frozen may be dispatched only after its late timers and its wake-up: it has this time to
// show itself, in milliseconds.
constexpr double kGrace = 250;
constexpr double kLongestAsked = 3'600'000;  // a server's wish beyond an hour is not kept
constexpr double kForEver = std::numeric_limits<double>::infinity();

}  // namespace

void Reopener::begin() {
  if (open()) {
    watch(answer_within());
  } else {
    source_.begin_as(State::kClosed, Reason::kUnavailable);
  }
}

void Reopener::take_attempt() { watch(answer_within()); }

void Reopener::take_open() {
  attempts_ = 0;
  was_open_ = true;
  listen_for_signs(true);
}

void Reopener::take_sign() {
  last_sign_ = tidings_now();
  is_suspect_ = false;
}

void Reopener::listen_for_signs(bool is_on) { watch(is_on ? silent_after() : kForEver); }

double Reopener::silent_after() const {
  return options_.silent_after ? double(options_.silent_after->count()) : kForEver;
}

void Reopener::take_loss(Reason reason, double asked) {
  drop();
  if (reason == Reason::kRefused && !options_.after_refusal) {
    source_.become(State::kClosed, reason);
  } else if (!may_try()) {
    source_.become(State::kClosed, attempts_ > 0 ? Reason::kGaveUp : reason);
  } else {
    const double longest = double(options_.longest_wait.count());
    double most = double(options_.first_wait.count());
    for (unsigned i = 0; i < attempts_ && most < longest; ++i) most *= 2;
    ++attempts_;
    asked = std::min(asked, kLongestAsked);
    const double now = tidings_now();
    const double wait = asked + tidings_random() * std::min(most, longest);
    earliest_ = now + asked;
    timer_.start(wait);
    source_.wait_until(now + wait, reason);
  }
}

void Reopener::wake() {
  if (!options_.checks_on_wake || source_.is_calling() || source_.state() == State::kClosed) return;
  if (source_.state() == State::kWaiting) {
    if (tidings_now() >= earliest_) reopen();
  } else if (silence() >= patience_ && !is_suspect_) {
    suspect();
  }
}

void Reopener::take_due(void* owner) { static_cast<Reopener*>(owner)->look(); }

void Reopener::look() {
  const double left = patience_ - silence();
  if (source_.is_calling()) {  // under a dialog that a callback has open
    timer_.start(kGrace);
  } else if (source_.state() == State::kWaiting) {
    reopen();
  } else if (left >= 1) {  // what is less than a clock tells is nothing
    timer_.start(left);
  } else if (is_suspect_ && may_try()) {
    renew();
  } else if (left <= -kGrace && !is_suspect_) {
    suspect();  // the timer is late, so the page was frozen
  } else {
    take_loss(Reason::kSilent);
  }
}

void Reopener::suspect() {
  is_suspect_ = true;
  timer_.start(kGrace);
}

// By the wall clock, which runs on while the machine sleeps. Where it is set back, silence begins anew.
double Reopener::silence() {
  const double now = tidings_now();
  last_sign_ = std::min(last_sign_, now);
  return now - last_sign_;
}

// Silence counts from now on, and may last for `patience`.
void Reopener::watch(double patience) {
  take_sign();
  patience_ = patience;
  if (patience < kForEver) {
    timer_.start(patience);
  } else {
    timer_.stop();
  }
}

void Reopener::renew() {
  drop();
  reopen();
}

void Reopener::reopen() {
  timer_.stop();
  if (!open()) {
    source_.become(State::kClosed, Reason::kUnavailable);
    return;
  }
  take_attempt();
  source_.become(was_open_ ? State::kReconnecting : State::kConnecting);
}

}  // namespace tidings
