// What does it cost to send one event to many, and when has the last one got it?
#include <chrono>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

std::string who_takes_part(const Contender& contender) {
  return contender.name == "ours_redis" ? "" : anyone(contender);
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Subscribers subscribers(trial.server.port(), trial.contender.target, load.clients);
  Publisher publisher(trial.server.port(), "load", load.bytes);
  const double before = kib_of(trial.server);
  const double open_s = subscribers.open();
  const CpuMeter cpu(trial.server.process());
  subscribers.receive(load.events, [&] {
    publisher.publish(load.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate);
  });
  const auto delivered = static_cast<double>(subscribers.deliveries().count());
  const double server_us = cpu.server_us() / delivered, own_us = cpu.own_us() / delivered;
  const double kib = (kib_of(trial.server) - before) / static_cast<double>(load.clients);
  subscribers.receive_for(std::chrono::milliseconds(50));  // what comes twice
  Percentiles delays = subscribers.deliveries().take_delays_ms();
  return {.figures = {server_us, delays.at(50), delays.at(99), delays.at(100), kib, open_s, own_us,
                      std::chrono::duration<double, std::milli>(publisher.most_late()).count()},
          .lost = subscribers.lost(),
          .misplaced = subscribers.deliveries().misplaced()};
}

}  // namespace

Scenario fanout_scenario() {
  return {.name = "fanout",
          .question = "What does it cost to send one event to many, and when has the last one got it?",
          .load = {.clients = 2000, .events = 50, .bytes = 100, .rate = 10},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " subscribers, " + std::to_string(load.events) + " events of " +
                       std::to_string(load.bytes) + " bytes, " + std::to_string(load.rate) + " a second";
              },
          .why_not = who_takes_part,
          .figures = {{.name = "CPU us/event", .decimals = 2, .has_ratio = true, .has_spread = true},
                      {.name = "p50 ms", .has_ratio = true},
                      {.name = "p99 ms", .has_ratio = true, .has_spread = true},
                      {.name = "max ms", .is_worst = true},
                      {.name = "KiB/subscriber", .decimals = 2},
                      {.name = "open s", .decimals = 2},
                      {.name = "load's CPU us/event", .decimals = 2},
                      {.name = "publisher late ms", .is_worst = true}},
          .goals = {{.contender = "ours", .figure = "CPU us/event", .most = 0.95, .by = "floor"},
                    {.contender = "ours2", .figure = "p99 ms", .most = 0.8, .by = "floor"},
                    {.contender = "ours_process", .figure = "CPU us/event", .most = 1.03, .by = "ours"},
                    {.contender = "ours_power", .figure = "CPU us/event", .most = 1.03, .by = "ours"},
                    {.contender = "ours_redis", .figure = "CPU us/event", .most = 1.05, .by = "ours"}},
          .measure = measure};
}

}  // namespace tidings::bench
