#include "tidings/bench/load/poller.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace tidings::bench {

Poller::Poller() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() { close(descriptor_); }

void Poller::add(int descriptor, std::uint32_t events, std::uint64_t number) {
  epoll_event event{.events = events, .data = {.u64 = number}};
  if (epoll_ctl(descriptor_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void Poller::change(int descriptor, std::uint32_t events, std::uint64_t number) {
  epoll_event event{.events = events, .data = {.u64 = number}};
  if (epoll_ctl(descriptor_, EPOLL_CTL_MOD, descriptor, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

std::span<const epoll_event> Poller::wait_until(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  const auto timeout = std::clamp(left, milliseconds(0), milliseconds(60'000));
  const int count =
      epoll_wait(descriptor_, ready_.data(), static_cast<int>(ready_.size()), static_cast<int>(timeout.count()));
  if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_wait");
  return {ready_.data(), static_cast<std::size_t>(std::max(count, 0))};
}

}  // namespace tidings::bench
