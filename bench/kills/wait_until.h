// Waits, bounded, for what others do. Any thread.
#pragma once

#include <chrono>
#include <thread>

namespace tidings::bench {

inline constexpr std::chrono::seconds kLongestWait{30};  // for what takes much less when all is well

// Whether it becomes so in time. `is_so` is asked again and again.
template <class IsSo>
bool wait_until(IsSo is_so, std::chrono::steady_clock::duration longest = kLongestWait) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (std::chrono::steady_clock::now() < deadline) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return is_so();
}

}  // namespace tidings::bench
