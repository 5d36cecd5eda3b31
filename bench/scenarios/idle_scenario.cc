// What does a silent stream cost?
#include <chrono>

#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

Outcome measure(const Trial& trial) {
  const auto count = static_cast<double>(trial.load.clients);
  Subscribers subscribers(trial.server.port(), trial.contender.target, trial.load.clients);
  const double before = kib_of(trial.server);
  const CpuMeter opening(trial.server.process());
  const double open_s = subscribers.open();
  const double open_us = opening.server_us();
  subscribers.receive_for(std::chrono::seconds(1));
  return {.figures = {(kib_of(trial.server) - before) / count, open_us / count, open_s}};
}

}  // namespace

Scenario idle_scenario() {
  return {.name = "idle",
          .question = "What does a silent stream cost?",
          .load = {.clients = 10'000},
          .describe = [](const Load& load) { return std::to_string(load.clients) + " silent streams"; },
          .why_not = anyone,
          .figures = {{.name = "KiB/stream", .decimals = 2, .has_spread = true},
                      {.name = "CPU us/opening", .has_ratio = true},
                      {.name = "open s", .decimals = 2, .has_ratio = true}},
          .goals = {{.contender = "ours", .figure = "KiB/stream", .most = 0.6}},
          .measure = measure};
}

}  // namespace tidings::bench
