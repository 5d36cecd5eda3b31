#include "tidings/server/loop/wall_clock_watch.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

namespace tidings {
namespace {

// A timer of the wall clock that is due in centuries: it is here to be cancelled when that clock is set. -1 where there
// is none to be had.
int made_timer() {
  const int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<std::int32_t>::max() * std::int64_t{4};
  if (timer >= 0 && timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) == 0) {
    return timer;
  }
  if (timer >= 0) close(timer);
  return -1;
}

}  // namespace

WallClockWatch::WallClockWatch(LoopContext& context, std::function<void()> on_set)
    : context_(context), on_set_(std::move(on_set)), timer_(context.context()) {
  const int timer = made_timer();
  if (timer < 0) return;
  timer_.assign(timer);
  look();
}

void WallClockWatch::stop() {
  std::error_code ignored;
  timer_.close(ignored);
}

void WallClockWatch::look() {
  const auto has_changed = [this](const std::error_code& error) {
    if (error) return;
    std::uint64_t expirations = 0;
    if (read(timer_.native_handle(), &expirations, sizeof expirations) < 0 && errno == ECANCELED) on_set_();
    if (timer_.is_open()) look();
  };
  timer_.async_wait(asio::posix::stream_descriptor::wait_read, context_.guarded(has_changed));
}

}  // namespace tidings
