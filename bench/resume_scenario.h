// Does it cost more to resume where much is kept? Two channels of one server, a short history and a long one: the time
// from connecting with the last but one event's id until the last has come, by turns.
#pragma once

#include <cstddef>

#include "bench/verdict.h"

namespace tidings::bench {

struct ResumeScenario {
  std::size_t short_history = 1000, long_history = 1'000'000;  // events of 100 bytes
  std::size_t times = 4000;                                    // each
};

void run(const ResumeScenario& scenario, Verdict& verdict);

}  // namespace tidings::bench
