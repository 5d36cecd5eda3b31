// What do large events cost? By the byte: they go through buffers that none of them fits into at once.
#include <chrono>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Subscribers subscribers(trial.server.port(), trial.contender.target, load.clients);
  Publisher publisher(trial.server.port(), "load", load.bytes);
  subscribers.open();
  const double before = kib_of(trial.server);
  const CpuMeter cpu(trial.server.process());
  subscribers.receive(load.events, [&] {
    publisher.publish(load.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate);
  });
  const double mib = static_cast<double>(subscribers.deliveries().count() * load.bytes) / (1 << 20);
  const double server_us = cpu.server_us() / mib, own_us = cpu.own_us() / mib;
  const double grown_kib = kib_of(trial.server) - before;
  Percentiles delays = subscribers.deliveries().take_delays_ms();
  return {.figures = {server_us, delays.at(50), delays.at(99), grown_kib / 1024, own_us},
          .lost = subscribers.lost(),
          .misplaced = subscribers.deliveries().misplaced()};
}

}  // namespace

Scenario big_scenario() {
  return {.name = "big",
          .question = "What does it cost to send large events to many?",
          .load = {.clients = 500, .events = 40, .bytes = 64 << 10, .rate = 10},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " subscribers, " + std::to_string(load.events) + " events of " +
                       std::to_string(load.bytes) + " bytes, " + std::to_string(load.rate) + " a second";
              },
          .why_not = anyone,
          .figures = {{.name = "CPU us/MiB", .has_ratio = true, .has_spread = true},
                      {.name = "p50 ms", .has_ratio = true},
                      {.name = "p99 ms", .has_ratio = true, .has_spread = true},
                      {.name = "MiB grown"},
                      {.name = "load's CPU us/MiB"}},
          .goals = {{.contender = "ours", .figure = "CPU us/MiB", .most = 0.9, .by = "floor"}},
          .measure = measure};
}

}  // namespace tidings::bench
