// How often something may be done: by one client address, and by all together. What is left over adds up to a burst.
// Bounded: an address is remembered until its burst is whole again, and how many those can be follows from what all
// together may do. Any thread.
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
    double per_second;
    double burst;  // at once, after a pause; at least 1
  };
  struct Options {
    Rate each = {.per_second = 20, .burst = 100};   // one client address; of IPv6, one network of 64 bits
    Rate all = {.per_second = 200, .burst = 1000};  // all of them together
  };

  // Throws std::invalid_argument for a rate that is not above 0 or a burst below 1.
  explicit RateLimit(Options options);

  // Lets the client of this numeric address do it once more, or tells how long it has to wait for that.
  std::optional<std::chrono::nanoseconds> take(const std::string& address, Clock::Time now);

  // Addresses that are remembered.
  std::size_t size() const;

 private:
  // When the burst is whole again; in the past when it is. All that a bucket of tokens has to know.
  using WholeAt = Clock::Time;

  void forget_whole(Clock::Time now);

  const Options options_;
  mutable std::mutex mutex_;
  WholeAt all_{};
  std::map<std::string, WholeAt> each_;
  std::size_t sweep_at_;  // when so many are remembered, those that are whole again are forgotten
};

}  // namespace tidings
