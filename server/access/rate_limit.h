// How often something may be done: by one client, and by all together. What a client does not use adds up to a burst.
// Memory is bounded: a client is remembered until its burst is whole again, and how many those can be follows from what
// all together may do. Source: the generic cell rate algorithm of ITU-T I.371. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "tidings/server/loop/clock.h"

namespace tidings {

class RateLimit {
 public:
  struct Rate {
    double per_second;  // in the long run; from one an hour to a million
    double burst;       // at once, after a pause; from 1 to a million
  };
  struct Options {
    Rate each = {.per_second = 20, .burst = 100};   // one client: an IPv4 address, or an IPv6 network of 48 bits
    Rate all = {.per_second = 200, .burst = 1000};  // all of them together
  };

  // Throws std::invalid_argument with a sentence for a rate or a burst out of bounds.
  explicit RateLimit(Options options);

  // Lets the client of this numeric address do it once more and returns nothing, or returns how long it has to wait.
  std::optional<std::chrono::nanoseconds> take(const std::string& address, Clock::Time now);

  // How many clients are remembered.
  std::size_t size() const;

 private:
  // When the burst is whole again, or was. It is all that has to be known of a client.
  using WholeAt = Clock::Time;

  void forget_whole(Clock::Time now);

  const Options options_;
  mutable std::mutex mutex_;
  WholeAt all_{};
  std::map<std::string, WholeAt> each_;
  std::size_t sweep_at_;  // once so many are remembered, those whose burst is whole are forgotten
};

}  // namespace tidings
