// How much later does an event come that is published on another node? Beside it, between the events, Redis is asked
// for nothing but an answer, from here too: what each way over Redis takes at this moment on this machine.
#include <chrono>
#include <thread>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/redis_client.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const ServerProcess& other = trial.contenders.start_another(trial.contender, trial.server);
  Subscribers subscribers(other.port(), trial.contender.target, load.clients);
  Publisher publisher(trial.server.port(), "load", load.bytes);
  RedisClient redis(Contenders::redis_of(trial.server).port());
  Percentiles round_trips_ms;
  subscribers.open();
  subscribers.receive(load.events, [&] {
    const auto half = std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate / 2;
    auto due = Clock::now();
    for (std::size_t i = 0; i < load.events; ++i) {
      std::this_thread::sleep_until(due += half);
      publisher.publish(1);
      std::this_thread::sleep_until(due += half);
      const auto asked = Clock::now();
      redis.ask({"PING"});
      round_trips_ms.add(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
    }
  });
  Percentiles delays = subscribers.deliveries().take_delays_ms();
  return {.figures = {delays.at(50), delays.at(99), round_trips_ms.at(50), round_trips_ms.at(99),
                      delays.at(99) / round_trips_ms.at(99)},
          .lost = subscribers.lost(),
          .misplaced = subscribers.deliveries().misplaced()};
}

}  // namespace

Scenario relayed_scenario() {
  return {.name = "relayed",
          .question = "How late does an event come that is published on another node?",
          .load = {.clients = 1, .events = 1000, .bytes = 100, .rate = 100},
          .describe =
              [](const Load& load) {
                return "two nodes: " + std::to_string(load.clients) + " subscribers on one, " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) +
                       " bytes published on the other, " + std::to_string(load.rate) +
                       " a second; as many PINGs of Redis, in between";
              },
          .why_not = who_shares_a_redis,
          .bases = {"nchan_redis"},
          .figures = {{.name = "p50 ms", .decimals = 3},
                      {.name = "p99 ms", .decimals = 3, .has_ratio = true, .has_spread = true},
                      {.name = "round trip p50 ms", .decimals = 3},
                      {.name = "round trip p99 ms", .decimals = 3},
                      {.name = "p99 by round trip's", .decimals = 2, .has_spread = true}},
          .goals = {{.contender = "ours_redis", .figure = "p99 by round trip's", .most = 3}},
          .measure = measure};
}

}  // namespace tidings::bench
