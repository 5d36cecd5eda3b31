// Does the server keep anything of clients that have left, however and whenever they left?
#pragma once

#include <cstddef>

#include "bench/server_process.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct ChurnScenario {
  std::size_t times = 10'000;
  std::size_t warm_up = 1000;  // visits before the figures that the others are compared with
  std::size_t at_once = 100;
};

void run(const ChurnScenario& scenario, ServerProcess& server, Verdict& verdict);

}  // namespace tidings::bench
