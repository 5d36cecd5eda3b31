// What a server with its children, and this program beside it, have taken of the CPU since the meter was made.
// One thread at a time.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <chrono>

#include "tidings/bench/meters/process_figures.h"

namespace tidings::bench {

class CpuMeter {
 public:
  explicit CpuMeter(pid_t server) : server_(server), begin_(cpu_of_tree(server)), own_begin_(own()) {}

  // Microseconds of CPU time, user and system, since the meter was made. Throw std::runtime_error where the server is
  // gone.
  double server_us() const { return micros(cpu_of_tree(server_) - begin_); }
  double own_us() const { return micros(own() - own_begin_); }

 private:
  static std::chrono::nanoseconds own() { return cpu_of(getpid()); }
  static double micros(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::micro>(time).count();
  }

  pid_t server_;
  std::chrono::nanoseconds begin_, own_begin_;
};

}  // namespace tidings::bench
