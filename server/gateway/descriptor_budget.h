// How many of the process's descriptors clients may have, so that some are left to answer with. The kernel gives out
// the lowest number that is free: the number of a new descriptor says how many are taken at least, by whomever, and
// nothing has to be counted.
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
  // Whoever gets this one has idle connections make room.
  bool is_scarce(int descriptor) const { return descriptor >= limit_ - 2 * reserve_; }
  // Whoever gets this one has one answer and goes.
  bool is_in_reserve(int descriptor) const { return descriptor >= limit_ - reserve_; }
  // Whoever gets this one is refused unheard: handlers open files too.
  bool is_among_last(int descriptor) const { return descriptor >= limit_ - reserve_ / 2; }

  // How many streams there is room for, beside so many descriptors that are something else's.
  std::size_t most_streams(int others) const {
    return static_cast<std::size_t>(std::max(0, limit_ - 2 * reserve_ - others));
  }

 private:
  const int limit_;
  const int reserve_;
};

}  // namespace tidings
