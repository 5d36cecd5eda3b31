// What do clients cost that connect, get their response's head and leave, and does anything of them stay?
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

double visit(const Trial& trial, std::size_t visits) {
  StreamClients visitors(trial.server.port(), trial.contender.target, visits,
                         [](std::size_t, const ParsedEvent&, StreamClients::Time) {}, {.leave_when_open = true});
  return visitors.open_all(trial.load.clients);
}

Outcome measure(const Trial& trial) {
  const auto visits = static_cast<double>(trial.load.events);
  const std::size_t descriptors = figures_of_tree(trial.server.process()).descriptors;
  visit(trial, trial.load.events / 10);
  const ProcessFigures warm = settled(trial.server, descriptors);
  const CpuMeter cpu(trial.server.process());
  const double seconds = visit(trial, trial.load.events);
  const double server_us = cpu.server_us() / visits;
  const ProcessFigures end = settled(trial.server, descriptors);
  return {.figures = {server_us, visits / seconds, static_cast<double>(warm.private_bytes) / 1024,
                      static_cast<double>(end.private_bytes - warm.private_bytes) / 1024,
                      static_cast<double>(end.descriptors) - static_cast<double>(warm.descriptors)}};
}

}  // namespace

Scenario churn_scenario() {
  return {.name = "churn",
          .question = "What do clients cost that connect and leave, and does anything of them stay?",
          .load = {.clients = 64, .events = 10'000},
          .describe =
              [](const Load& load) {
                return std::to_string(load.events) + " clients that connect, get their response's head and leave, " +
                       std::to_string(load.clients) + " at a time, after a tenth as many to warm up";
              },
          .why_not = anyone,
          .figures = {{.name = "CPU us/visit", .has_ratio = true, .has_spread = true},
                      {.name = "visits/s", .decimals = 0, .has_ratio = true},
                      {.name = "KiB before", .decimals = 0},
                      {.name = "KiB more after", .decimals = 0},
                      {.name = "descriptors left", .decimals = 0, .is_worst = true}},
          .goals = {{.contender = "ours", .figure = "descriptors left", .most = 0},
                    {.contender = "ours_generators", .figure = "descriptors left", .most = 0}},
          .measure = measure};
}

}  // namespace tidings::bench
