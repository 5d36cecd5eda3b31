// Publishes to one channel of any server that takes an event as the body of a POST, on one keep-alive connection and
// blocks: each event at its time, with that time in its data. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/bench/load/page_client.h"

namespace tidings::bench {

// What the data that a Publisher made begins with: when it was sent, by which one, and the how manieth of it it is.
struct Stamp {
  std::chrono::steady_clock::time_point published_at;
  std::size_t publisher = 0;   // its number
  std::uint64_t sequence = 0;  // from 1
};
// Nothing where the data is not whole or no Publisher's.
std::optional<Stamp> stamp_of(std::string_view data);

class Publisher {
 public:
  static constexpr std::size_t kFewestBytes = 48;  // what the stamp takes

  // Events of `bytes` of data. Throws std::system_error.
  Publisher(std::uint16_t port, std::string_view channel, std::size_t bytes, std::size_t number = 0);

  // So many events, one every `interval`, or as fast as they are accepted. Throws std::runtime_error where one is not.
  void publish(std::size_t count, std::chrono::nanoseconds interval = {});

  // The id that the server gave to the last event.
  const std::string& last_id() const { return last_id_; }
  // The most that it has been behind its schedule.
  std::chrono::nanoseconds most_late() const { return most_late_; }

 private:
  std::string target_;
  std::size_t bytes_, number_;
  PageClient client_;
  std::uint64_t sequence_ = 0;
  std::string last_id_;
  std::chrono::nanoseconds most_late_{};
};

}  // namespace tidings::bench
