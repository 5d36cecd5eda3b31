// How much an engine keeps. A plain value.
#pragma once

#include <chrono>
#include <cstdint>

namespace tidings {

// Of each channel. A 64th more may be kept, so that trimming is not a matter of each event.
struct HistoryLimits {
  std::uint64_t max_events = 1'000'000;
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  // of blocks
  std::chrono::milliseconds max_age = std::chrono::hours(24 * 30);
};

}  // namespace tidings
