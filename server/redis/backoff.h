// How long to wait before the next attempt: at random up to a time that doubles from attempt to attempt, so that those
// who lost the same thing do not come back for it together ("full jitter"). One thread at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace tidings {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most, std::uint64_t seed)
      : first_(first), most_(most), limit_(first), random_(seed) {}

  std::chrono::milliseconds next() {
    const std::chrono::milliseconds limit = limit_;
    limit_ = std::min(2 * limit_, most_);
    return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(1, limit.count())(random_));
  }
  void reset() { limit_ = first_; }

 private:
  const std::chrono::milliseconds first_, most_;
  std::chrono::milliseconds limit_;
  std::mt19937_64 random_;
};

}  // namespace tidings
