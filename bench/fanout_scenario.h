// What does it cost the server to send one event to many subscribers, against what the kernel alone takes for it?
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/channel_trial.h"
#include "bench/verdict.h"

namespace tidings::bench {

struct FanoutScenario {
  ChannelTrial::Load load{.subscribers = 2000, .bytes = 100, .rate = 10};
  std::chrono::seconds time{20};  // of publishing to each of the two, in all
  std::size_t rounds = 10;
};

void run(const FanoutScenario& scenario, const std::filesystem::path& server, const std::vector<std::string>& arguments,
         const std::filesystem::path& floor, Verdict& verdict);

}  // namespace tidings::bench
