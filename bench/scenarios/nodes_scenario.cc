// What does an event cost on two nodes that share a Redis, where it is published on one of them, and when has the last
// subscriber got it?
#include <chrono>
#include <future>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const ServerProcess& other = trial.contenders.start_another(trial.contender, trial.server);
  Subscribers here(trial.server.port(), trial.contender.target, load.clients / 2);
  Subscribers there(other.port(), trial.contender.target, load.clients / 2);
  Publisher publisher(trial.server.port(), "load", load.bytes);
  here.open();
  there.open();
  const CpuMeter cpu(trial.server.process()), other_cpu(other.process());
  const CpuMeter redis_cpu(Contenders::redis_of(trial.server).process());
  std::promise<void> published;
  std::future<void> receiving = std::async(std::launch::async, [&] {
    there.receive(load.events, [is_over = published.get_future().share()] { is_over.wait(); });
  });
  here.receive(load.events, [&] {
    publisher.publish(load.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate);
    published.set_value();
  });
  receiving.get();
  const auto delivered = static_cast<double>(here.deliveries().count() + there.deliveries().count());
  const double servers_us = (cpu.server_us() + other_cpu.server_us()) / delivered;
  const double redis_us = redis_cpu.server_us() / delivered, own_us = cpu.own_us() / delivered;
  for (Subscribers* const each : {&here, &there}) each->receive_for(std::chrono::milliseconds(50));  // what comes twice
  Percentiles delays = here.deliveries().take_delays_ms();
  delays.add(there.deliveries().take_delays_ms());
  return {.figures = {servers_us, delays.at(50), delays.at(99), delays.at(100), redis_us, own_us},
          .lost = here.lost() + there.lost(),
          .misplaced = here.deliveries().misplaced() + there.deliveries().misplaced()};
}

}  // namespace

Scenario nodes_scenario() {
  return {.name = "nodes",
          .question = "What does an event cost on two nodes that share a Redis, and when has the last one got it?",
          .load = {.clients = 2000, .events = 50, .bytes = 100, .rate = 10},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients / 2) + " subscribers on each of two nodes, " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) +
                       " bytes published on one of them, " + std::to_string(load.rate) + " a second";
              },
          .why_not = who_shares_a_redis,
          .bases = {"nchan_redis"},
          .figures = {{.name = "nodes' CPU us/event", .decimals = 2, .has_ratio = true, .has_spread = true},
                      {.name = "p50 ms", .has_ratio = true},
                      {.name = "p99 ms", .has_ratio = true, .has_spread = true},
                      {.name = "max ms", .is_worst = true},
                      {.name = "Redis' CPU us/event", .decimals = 3},
                      {.name = "load's CPU us/event", .decimals = 2}},
          .goals = {{.contender = "ours_redis", .figure = "nodes' CPU us/event", .most = 1, .by = "nchan_redis"},
                    {.contender = "ours_redis", .figure = "p99 ms", .most = 1, .by = "nchan_redis"}},
          .measure = measure};
}

}  // namespace tidings::bench
