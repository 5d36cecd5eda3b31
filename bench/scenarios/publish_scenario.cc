// How much does a server take from many publishers, and how late does it come to few subscribers? And what does a
// channel gain that gathers for some milliseconds?
#include <chrono>
#include <deque>
#include <future>
#include <vector>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kPublishers = 64;

std::size_t events_each(const Load& load) { return (load.events + kPublishers - 1) / kPublishers; }

std::string describe(const Load& load) {
  return std::to_string(kPublishers) + " publishers on connections kept alive, each as fast as it is answered, " +
         std::to_string(events_each(load) * kPublishers) + " events of " + std::to_string(load.bytes) +
         " bytes in all to " + std::to_string(load.clients) + " subscribers";
}

std::string who_may_gather(const Contender& contender) {
  return contender.name == "ours" || contender.name == "ours_gathering" ? "" : "the question is about //server alone";
}

std::vector<Figure> figures() {
  return {{.name = "CPU us/publication", .has_ratio = true, .has_spread = true},
          {.name = "publications/s", .decimals = 0, .has_ratio = true},
          {.name = "p50 ms", .decimals = 2, .has_ratio = true},
          {.name = "p99 ms", .decimals = 2, .has_ratio = true, .has_spread = true},
          {.name = "load's CPU us/publication"}};
}

std::string who_serves_streams(const Contender& contender) {
  return contender.name == "floor_gathering" ? "" : anyone(contender);
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Subscribers subscribers(trial.server.port(), trial.contender.target, load.clients, kPublishers);
  std::deque<Publisher> publishers;
  for (std::size_t i = 0; i < kPublishers; ++i) publishers.emplace_back(trial.server.port(), "load", load.bytes, i);
  subscribers.open();
  const auto events = static_cast<double>(events_each(load) * kPublishers);
  const CpuMeter cpu(trial.server.process());
  std::chrono::duration<double> time{};
  subscribers.receive(events_each(load) * kPublishers, [&] {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::future<void>> publishing;
    for (Publisher& publisher : publishers) {
      publishing.push_back(std::async(std::launch::async, [&] { publisher.publish(events_each(load)); }));
    }
    for (std::future<void>& each : publishing) each.get();
    time = std::chrono::steady_clock::now() - begin;
  });
  const double server_us = cpu.server_us() / events, own_us = cpu.own_us() / events;
  Percentiles delays = subscribers.deliveries().take_delays_ms();
  return {.figures = {server_us, events / time.count(), delays.at(50), delays.at(99), own_us},
          .lost = subscribers.lost(),
          .misplaced = subscribers.deliveries().misplaced()};
}

}  // namespace

Scenario publish_scenario() {
  return {.name = "publish",
          .question = "How much does a server take from many publishers, and how late does it come to few subscribers?",
          .load = {.clients = 10, .events = 20'000, .bytes = 100},
          .describe = describe,
          .why_not = who_serves_streams,
          .bases = {"floor", "floor_gathering"},
          .figures = figures(),
          .measure = measure};
}

Scenario gather_scenario() {
  return {.name = "gather",
          .question = "What does a channel gain under many publishers that gathers for 5 ms?",
          .load = {.clients = 100, .events = 20'000, .bytes = 100},
          .describe = describe,
          .why_not = who_may_gather,
          // The load reads for 100 on one core, and falls further behind than the usual history reaches.
          .server_flags = {"--history_events", "100000", "--history_bytes", "67108864"},
          .bases = {"ours"},
          .figures = figures(),
          .goals = {{.contender = "ours_gathering", .figure = "publications/s", .least = 4, .by = "ours"}},
          .measure = measure};
}

}  // namespace tidings::bench
