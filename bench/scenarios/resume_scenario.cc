// When all subscribers come back at once with their last event id, when has the last one what it has missed?
#include <chrono>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kEarlierEvents = 5;  // that give each its last event id

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Subscribers subscribers(trial.server.port(), trial.contender.target, load.clients);
  Publisher publisher(trial.server.port(), "load", load.bytes);
  subscribers.open();
  subscribers.receive(kEarlierEvents, [&] { publisher.publish(kEarlierEvents, std::chrono::milliseconds(20)); });
  subscribers.leave();
  publisher.publish(load.events);

  const std::uint64_t before = subscribers.deliveries().count();
  const CpuMeter cpu(trial.server.process());
  const auto begin = std::chrono::steady_clock::now();
  const double open_s = subscribers.open(true);
  subscribers.receive(load.events, [] {});
  const double server_us = cpu.server_us() / static_cast<double>(subscribers.deliveries().count() - before);
  const std::chrono::duration<double> all_s = subscribers.deliveries().last_at() - begin;
  subscribers.receive_for(std::chrono::milliseconds(50));  // what comes twice
  return {.figures = {server_us, all_s.count(), open_s},
          .lost = subscribers.lost(),
          .misplaced = subscribers.deliveries().misplaced()};
}

}  // namespace

Scenario resume_scenario() {
  return {.name = "resume",
          .question = "When all subscribers come back at once, when has the last one what it has missed?",
          .load = {.clients = 2000, .events = 100, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " subscribers come back at once with their last event id, " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) + " bytes later";
              },
          .why_not = with_a_history,
          .figures = {{.name = "CPU us/event", .decimals = 2, .has_spread = true},
                      {.name = "all have all s", .decimals = 2, .has_spread = true},
                      {.name = "open s", .decimals = 2}},
          .measure = measure};
}

}  // namespace tidings::bench
