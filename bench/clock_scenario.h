// Does every client of a fast clock get every tick, how late, and at what cost to the server?
#pragma once

#include <chrono>
#include <cstddef>

#include "bench/server_process.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct ClockScenario {
  std::size_t clients = 1000;
  std::chrono::milliseconds interval{100};
  std::chrono::seconds time{30};
};

void run(const ClockScenario& scenario, ServerProcess& server, Verdict& verdict);

}  // namespace tidings::bench
