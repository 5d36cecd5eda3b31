// How many of the process's descriptors clients may have, so that some are left for what it takes to answer them. The
// kernel gives out the lowest number that is free. So the number of a new descriptor says how many are taken at least,
// whoever has them, and nothing has to be counted.
//
//   0 … ─── streams, and connections that stay ───│ scarce │ in reserve │ last ─── limit
//
// Source: the manual pages getrlimit(2) and open(2). Immutable: any thread.
#pragma once

#include <algorithm>
#include <cstddef>

namespace tidings {

class DescriptorBudget {
 public:
  // Of a process that may have so many descriptors.
  explicit DescriptorBudget(int limit) : limit_(limit), reserve_(std::clamp(limit / 32, 8, 24)) {}
  // What this process may have now.
  static DescriptorBudget of_process();

  int limit() const { return limit_; }
  // A connection that gets this one has an idle one make way.
  bool is_scarce(int descriptor) const { return descriptor >= limit_ - 2 * reserve_; }
  // A connection that gets this one gets one answer, no stream, and closes.
  bool is_in_reserve(int descriptor) const { return descriptor >= limit_ - reserve_; }
  // A connection that gets this one is refused without being read: handlers open files too.
  bool is_among_last(int descriptor) const { return descriptor >= limit_ - reserve_ / 2; }

  // How many streams there is room for when something else has so many descriptors.
  std::size_t most_streams(int others) const {
    return static_cast<std::size_t>(std::max(0, limit_ - 2 * reserve_ - others));
  }

 private:
  const int limit_;
  const int reserve_;
};

}  // namespace tidings
