#include "tidings/server/loop/step_watch.h"

#include <spdlog/spdlog.h>

namespace tidings {

void StepWatch::tell(std::string_view who, Clock::Time now) {
  slow_steps_.add(1);
  if (now < quiet_until_) return;
  quiet_until_ = now + kQuiet;
  spdlog::warn(
      "{} held up all other streams of its event loop for {} ms: do what takes long on a thread of your own, and "
      "publish the result to a channel",
      who, std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_).count());
}

}  // namespace tidings
