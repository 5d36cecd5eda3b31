// How much does a server take from many publishers when it keeps what it has acknowledged?
#include <chrono>
#include <deque>
#include <future>
#include <vector>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/redis_benchmark.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kPublishers = 64;

std::size_t events_each(const Load& load) { return (load.events + kPublishers - 1) / kPublishers; }

// The floor keeps nothing, not even in memory: no server that answers HTTP could take more from this load.
std::string why_not(const Contender& contender) {
  if (contender.name == "floor") return "";
  const bool is_ours =
      our_channel_alone(contender).empty() || our_durable_ones(contender).empty() || contender.name == "ours_redis";
  return (is_ours && contender.name != "ours2") || !contender.has_streams() ? "" : "it keeps nothing over its end";
}

// Redis as its own program measures it, from as many clients.
Outcome measure_by_redis_benchmark(const Trial& trial) {
  const Load& load = trial.load;
  const auto events = static_cast<double>(load.events);
  const CpuMeter cpu(trial.server.process());
  const RedisBenchmark found = redis_benchmark(trial.server.port(), kPublishers, load.events, load.bytes);
  return {.figures = {found.per_second, cpu.server_us() / events, found.p50_ms, found.p99_ms, 0}};
}

Outcome measure(const Trial& trial) {
  if (trial.contender.name == "redis_benchmark") return measure_by_redis_benchmark(trial);
  const Load& load = trial.load;
  std::deque<Publisher> publishers;
  for (std::size_t i = 0; i < kPublishers; ++i) {
    publishers.emplace_back(trial.server.port(), "load", load.bytes, i, trial.contender.protocol);
  }
  const auto events = static_cast<double>(events_each(load) * kPublishers);
  const CpuMeter cpu(trial.server.process());
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<void>> publishing;
  for (Publisher& publisher : publishers) {
    publishing.push_back(std::async(std::launch::async, [&] { publisher.publish(events_each(load)); }));
  }
  for (std::future<void>& each : publishing) each.get();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  const double server_us = cpu.server_us() / events, own_us = cpu.own_us() / events;
  Percentiles waits_ms;
  for (Publisher& publisher : publishers) waits_ms.add(publisher.take_waits_ms());
  return {.figures = {events / time.count(), server_us, waits_ms.at(50), waits_ms.at(99), own_us}};
}

}  // namespace

Scenario durable_scenario() {
  return {.name = "durable",
          .question = "How much does a server take from many publishers when it keeps what it has acknowledged?",
          .load = {.events = 100'000, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(kPublishers) + " publishers on connections kept alive, each as fast as it is " +
                       "answered, " + std::to_string(events_each(load) * kPublishers) + " events of " +
                       std::to_string(load.bytes) + " bytes in all, and nobody who follows";
              },
          .why_not = why_not,
          .figures = {{.name = "publications/s", .decimals = 0, .has_spread = true},
                      {.name = "CPU us/publication"},
                      {.name = "answer p50 ms", .decimals = 2},
                      {.name = "answer p99 ms", .decimals = 2},
                      {.name = "load's CPU us/publication"}},
          .goals = {{.contender = "ours_power", .figure = "publications/s", .least = 1.5, .by = "redis"},
                    {.contender = "ours_power", .figure = "publications/s", .least = 0.6, .by = "ours"},
                    {.contender = "ours_process", .figure = "publications/s", .least = 0.85, .by = "ours"},
                    {.contender = "ours_redis", .figure = "publications/s", .least = 0.6, .by = "redis_benchmark"}},
          .measure = measure};
}

}  // namespace tidings::bench
