// What does a silent stream cost the server?
#pragma once

#include <chrono>
#include <cstddef>

#include "bench/server_process.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct IdleScenario {
  std::size_t clients = 10'000;
  std::chrono::seconds time{20};
};

void run(const IdleScenario& scenario, ServerProcess& server, Verdict& verdict);

}  // namespace tidings::bench
