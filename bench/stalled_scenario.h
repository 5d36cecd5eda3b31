// Do subscribers that have stopped reading hold up the others, or grow the server?
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/channel_trial.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct StalledScenario {
  ChannelTrial::Load load{.subscribers = 10'000, .bytes = 1000, .rate = 20};
  std::size_t stalled = 1000;     // of the subscribers
  std::chrono::seconds time{15};  // of publishing with them, and as long without
  std::size_t rounds = 3;
};

// Two servers, one of them with the stopped ones, take turns.
void run(const StalledScenario& scenario, const std::filesystem::path& server,
         const std::vector<std::string>& arguments, Verdict& verdict);

}  // namespace tidings::bench
