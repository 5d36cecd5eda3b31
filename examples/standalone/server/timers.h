// How often things happen here. This tree's own, and not tidings/server/loop/timers.h.
#pragma once

#include <chrono>

namespace standalone {

inline constexpr std::chrono::seconds kBetweenReadings{1};

}  // namespace standalone
