// Does the server open as many streams as come at once, refusing none and letting none wait?
#include <algorithm>
#include <chrono>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kAtOnce = 2000;  // below the servers' backlogs: a dropped SYN comes again a second later

Outcome measure(const Trial& trial) {
  StreamClients clients(trial.server.port(), trial.contender.target, trial.load.clients,
                        [](std::size_t, const ParsedEvent&, StreamClients::Time) {});
  const CpuMeter cpu(trial.server.process());
  const auto begin = std::chrono::steady_clock::now();
  clients.open(std::chrono::seconds(30), kAtOnce);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const double server_us = cpu.server_us() / static_cast<double>(std::max<std::size_t>(clients.opened(), 1));
  Percentiles waits;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (clients.opened_at(i) == StreamClients::Time()) continue;
    waits.add(std::chrono::duration<double, std::milli>(clients.opened_at(i) - clients.begun_at(i)).count());
  }
  return {.figures = {server_us, time.count(), waits.at(50), waits.at(99), waits.at(100),
                      static_cast<double>(clients.size() - clients.opened())}};
}

}  // namespace

Scenario open_scenario() {
  return {.name = "open",
          .question = "Does the server open as many streams as come at once?",
          .load = {.clients = 20'000},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " streams as fast as they come, " + std::to_string(kAtOnce) +
                       " of them at a time; waits from connecting to the response's head";
              },
          .why_not = anyone,
          .figures = {{.name = "CPU us/opening", .has_ratio = true, .has_spread = true},
                      {.name = "all open s", .decimals = 2, .has_ratio = true},
                      {.name = "wait p50 ms"},
                      {.name = "wait p99 ms"},
                      {.name = "wait max ms", .has_spread = true, .is_worst = true},
                      {.name = "not opened in 30 s", .decimals = 0, .is_worst = true}},
          .goals = {{.contender = "ours", .figure = "wait max ms", .most = 2000},
                    {.contender = "ours", .figure = "not opened in 30 s", .most = 0}},
          .measure = measure};
}

}  // namespace tidings::bench
