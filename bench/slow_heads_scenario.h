// Do clients that never finish their request's head (slowloris) slow down the others?
#pragma once

#include <cstddef>

#include "bench/server_process.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct SlowHeadsScenario {
  std::size_t slow_heads = 1000;
  std::size_t requests = 500;  // of each kind, without the slow heads and with them
  std::size_t rounds = 10;     // that take turns: without, with, without, …
};

void run(const SlowHeadsScenario& scenario, ServerProcess& server, Verdict& verdict);

}  // namespace tidings::bench
