#include "tidings/bench/meters/machine_load.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace tidings::bench {

MachineLoad::MachineLoad() : begin_(read()) {}

MachineLoad::Ticks MachineLoad::read() {
  std::ifstream file("/proc/stat");
  std::string cpu;
  std::int64_t user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft_irq = 0, steal = 0;
  file >> cpu >> user >> nice >> system >> idle >> wait >> irq >> soft_irq >> steal;
  Ticks ticks;
  ticks.busy = user + nice + system + irq + soft_irq + steal;
  ticks.all = ticks.busy + idle + wait;
  return ticks;
}

double MachineLoad::others(std::chrono::nanoseconds known) const {
  const Ticks now = read();
  const double tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const double all = static_cast<double>(now.all - begin_.all) * tick;
  if (all <= 0) return 0;
  const double busy = static_cast<double>(now.busy - begin_.busy) * tick;
  return std::max(0.0, (busy - std::chrono::duration<double>(known).count()) / all);
}

}  // namespace tidings::bench
