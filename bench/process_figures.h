// What the kernel knows about a running process, from /proc. Source: proc(5).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tidings::bench {

struct ProcessFigures {
  std::int64_t anonymous_bytes = 0;  // resident heap and stacks: "Anonymous" of smaps_rollup, which is exact
  std::size_t threads = 0;
  std::size_t descriptors = 0;
  std::chrono::microseconds cpu{};  // user and system, of all threads since the start
};

// Throws std::runtime_error where the process is gone.
ProcessFigures figures_of(pid_t process);

}  // namespace tidings::bench
