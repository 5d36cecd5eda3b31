// epoll, level-triggered, each descriptor with a number of the caller's choosing. A descriptor leaves by being closed.
// One thread at a time.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>

namespace tidings::bench {

class Poller {
 public:
  Poller();  // throws std::system_error
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  // `events` is of EPOLLIN and EPOLLOUT; hang-ups and errors are always told.
  void add(int descriptor, std::uint32_t events, std::uint64_t number);
  void change(int descriptor, std::uint32_t events, std::uint64_t number);

  // Waits until something is ready, or until `deadline`, which it meets to the millisecond. Returns what is ready; the
  // span lives until the next call.
  std::span<const epoll_event> wait_until(std::chrono::steady_clock::time_point deadline);

 private:
  int descriptor_;
  std::array<epoll_event, 512> ready_;
};

}  // namespace tidings::bench
