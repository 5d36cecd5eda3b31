// What the subscribers of one channel got of a Publisher's events: whether each got each, in order, and how late.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "bench/percentiles.h"
#include "bench/verdict.h"
#include "protocol/parser.h"

namespace tidings::bench {

class Deliveries {
 public:
  Deliveries(std::size_t subscribers, std::size_t bytes) : bytes_(bytes), received_(subscribers) {}

  void take(std::size_t subscriber, const ParsedEvent& event);

  std::uint64_t count() const { return count_; }
  // From publishing to here, of what came since the last call.
  Percentiles take_delays_ms() { return std::exchange(delays_ms_, Percentiles()); }

  // Holds when each subscriber got every event from `first` to `last` once and in order, and nothing else.
  // How many of them did not come to some subscriber, or not where they belong; none is lost when this is 0.
  std::uint64_t lost(std::uint64_t first, std::uint64_t last) const;
  std::uint64_t misplaced() const { return out_of_order_ + foreign_; }

  void expect_all(std::uint64_t first, std::uint64_t last, Verdict& verdict) const;

 private:
  struct Received {
    std::uint64_t first = 0, last = 0;  // sequence numbers; 0: none yet
  };

  std::size_t bytes_;
  std::vector<Received> received_;
  Percentiles delays_ms_;
  std::uint64_t count_ = 0, out_of_order_ = 0, foreign_ = 0;
};

}  // namespace tidings::bench
