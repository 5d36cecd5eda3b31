// What the kernel knows about a running process: from /proc, and its CPU clock.
// Sources: proc(5), clock_getcpuclockid(3).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tidings::bench {

struct ProcessFigures {
  std::int64_t private_bytes = 0;  // resident, anonymous or shared by these processes on purpose: smaps_rollup, exact
  std::size_t descriptors = 0;
};

// The figures of the process and all its descendants, added up; a page that several share counts once. Throws
// std::runtime_error where one is gone.
ProcessFigures figures_of_tree(pid_t process);

// The CPU time, user and system, of all threads since the process started; it is neither sampled nor counted in ticks.
// Throws std::runtime_error where the process is gone.
std::chrono::nanoseconds cpu_of(pid_t process);
// The same of all children of this program that have ended, and of theirs.
std::chrono::nanoseconds cpu_of_ended_children();
// The same of the process and all its descendants. It is quick, while figures_of_tree() has the kernel walk their
// memory.
std::chrono::nanoseconds cpu_of_tree(pid_t process);

}  // namespace tidings::bench
