// Does the server open as many streams as come at once, refusing none and letting none wait?
#pragma once

#include <cstddef>

#include "bench/server_process.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct OpenScenario {
  std::size_t clients = 20'000;
  std::size_t at_once = 2000;
};

void run(const OpenScenario& scenario, ServerProcess& server, Verdict& verdict);

}  // namespace tidings::bench
