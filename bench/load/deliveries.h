// What the subscribers of one channel got of some Publishers' events: whether each got each, in order, and how late.
// One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/bench/load/percentiles.h"

namespace tidings::bench {

class Deliveries {
 public:
  // Publishers are numbered from 0.
  Deliveries(std::size_t subscribers, std::size_t publishers)
      : publishers_(publishers), last_(subscribers * publishers) {}

  void take(std::size_t subscriber, std::string_view data);

  // Events that came to a subscriber for the first time, and after the one before them of the same Publisher.
  std::uint64_t count() const { return count_; }
  // Events that came again, after a later one, or not as they were published.
  std::uint64_t misplaced() const { return misplaced_; }
  // When the last of count() came.
  std::chrono::steady_clock::time_point last_at() const { return last_at_; }
  // How long the events of count() took from publishing to here: those since the last call.
  Percentiles take_delays_ms() { return std::exchange(delays_ms_, Percentiles()); }

 private:
  std::size_t publishers_;
  std::vector<std::uint64_t> last_;  // the last sequence number, for each subscriber and publisher; 0: none yet
  Percentiles delays_ms_;
  std::uint64_t count_ = 0, misplaced_ = 0;
  std::chrono::steady_clock::time_point last_at_;
};

}  // namespace tidings::bench
