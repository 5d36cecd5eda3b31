// Publishes to one channel on one keep-alive connection and blocks: each event at its time, with that time in its data.
// One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/page_client.h"

namespace tidings::bench {

// The sequence number that an id `<epoch>-<sequence>` ends with.
std::optional<std::uint64_t> sequence_of(std::string_view id);

// When data that a Publisher made was sent.
std::optional<std::chrono::steady_clock::time_point> published_at(std::string_view data);

class Publisher {
 public:
  struct Published {
    std::uint64_t first = 0, last = 0;     // sequence numbers
    std::chrono::nanoseconds most_late{};  // behind the schedule
  };

  static constexpr std::size_t kFewestBytes = 20;  // what the time takes

  // Events of `bytes` of data. Throws std::system_error.
  Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes);

  // As many, but no more once `until` has come, and at least one. Throws std::runtime_error where one is not accepted.
  Published publish(std::size_t count, std::chrono::nanoseconds interval,
                    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max());

 private:
  std::string target_;
  std::size_t bytes_;
  PageClient client_;
};

}  // namespace tidings::bench
