// What else the machine did while something was measured: with much of such noise, a figure means little.
// Source: proc(5), /proc/stat.
#pragma once

#include <chrono>
#include <cstdint>

namespace tidings::bench {

class MachineLoad {
 public:
  MachineLoad();  // begins to watch

  // Since then, the share of all processors' time that went to others: to processes beside those that took `known`
  // (CPU time), and to other machines on the same hardware. From 0 to 1.
  double others(std::chrono::nanoseconds known) const;

 private:
  struct Ticks {
    std::int64_t busy = 0, all = 0;  // busy: stolen time included
  };
  static Ticks read();

  Ticks begin_;
};

}  // namespace tidings::bench
