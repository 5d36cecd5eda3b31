#include "tidings/client_wasm/base/timer.h"

#include "tidings/client_wasm/base/text.h"

extern "C" {
// timer.js
void tidings_timer_start(tidings::Timer* timer, double milliseconds);
void tidings_timer_stop(tidings::Timer* timer);
}

namespace tidings {

void Timer::start(double milliseconds) {
  stop();
  is_running_ = true;
  constexpr double kLongest = 2'147'483'647;  // browsers take a longer time for none
  tidings_timer_start(this, milliseconds < kLongest ? milliseconds : kLongest);
}

void Timer::stop() {
  if (is_running_) tidings_timer_stop(this);
  is_running_ = false;
}

void Timer::take_due() {
  is_running_ = false;
  due_(owner_);
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_timer_due(tidings::Timer* timer) { timer->take_due(); }
