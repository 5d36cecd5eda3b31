// What the kernel knows about a running process: from /proc, and its CPU clock.
// Sources: proc(5), clock_getcpuclockid(3).
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
  std::chrono::nanoseconds cpu{};  // user and system, of all threads since the start; no sampling, no ticks
};

// Throws std::runtime_error where the process is gone.
ProcessFigures figures_of(pid_t process);

// Its own and those of all its descendants, added up: a page that several share counts once, and so does memory that
// they share on purpose.
ProcessFigures figures_of_tree(pid_t process);

}  // namespace tidings::bench
