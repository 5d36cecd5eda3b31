// Publishes to one channel of any server that takes an event as the body of a POST, on one keep-alive connection and
// blocks: each event at its time, with that time in its data. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/page_client.h"

namespace tidings::bench {

// What the data that a Publisher made begins with: when it was sent, and the how manieth of that Publisher it is.
struct Stamp {
  std::chrono::steady_clock::time_point published_at;
  std::uint64_t sequence = 0;  // from 1
};
std::optional<Stamp> stamp_of(std::string_view data);

class Publisher {
 public:
  struct Published {
    std::uint64_t first = 0, last = 0;     // sequence numbers
    std::chrono::nanoseconds most_late{};  // behind the schedule
  };

  static constexpr std::size_t kFewestBytes = 32;  // what the stamp takes

  // Events of `bytes` of data. Throws std::system_error.
  Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes);

  // As many, but no more once `until` has come, and at least one. Throws std::runtime_error where one is not accepted.
  Published publish(std::size_t count, std::chrono::nanoseconds interval,
                    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

 private:
  std::string target_;
  std::size_t bytes_;
  PageClient client_;
  std::uint64_t sequence_ = 0;
};

}  // namespace tidings::bench
