#include "tidings/server/loop/pulse.h"

#include <utility>

namespace tidings {

Pulse::Pulse(const std::vector<std::unique_ptr<EventLoop>>& loops, std::chrono::milliseconds interval,
             std::function<void()> beat)
    : loops_(loops), interval_(interval), beat_(std::move(beat)) {}

void Pulse::start() { expired(); }

void Pulse::expired() {
  EventLoop& first = *loops_.front();
  arm(first.timers(), first.now() + interval_);
  if (awaited_ > 0) return;
  awaited_ = loops_.size();
  for (const auto& loop : loops_) {
    loop->post([this, &first] {
      first.Loop::post([this] { answered(); });  // where what `beat` throws is caught
    });
  }
}

void Pulse::answered() {
  if (--awaited_ == 0) beat_();
}

}  // namespace tidings
