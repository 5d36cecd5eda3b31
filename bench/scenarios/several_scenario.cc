// What does an event cost on a stream of several channels, beside one on a stream of a single channel? By turns, on the
// same server; the channels take turns too, so that never two events go out together.
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSeveral = 4;

// What streams of so many channels have taken, in all of their turns.
struct Cost {
  std::size_t channels;
  double server_us = 0;
  std::uint64_t delivered = 0, lost = 0, misplaced = 0;
  Percentiles delays_ms = {};

  double us() const { return server_us / static_cast<double>(delivered); }
};

std::string name_of(std::size_t channel) { return "load" + std::to_string(channel); }

std::string target_of(std::size_t channels) {
  if (channels == 1) return "/channels/" + name_of(0);
  std::string target = "/channels";
  for (std::size_t i = 0; i < channels; ++i) target += (i == 0 ? "?name=" : "&name=") + name_of(i);
  return target;
}

void take_turn(const Trial& trial, Cost& cost) {
  const Load& load = trial.load;
  const std::uint16_t port = trial.server.port();
  const std::size_t descriptors = figures_of_tree(trial.server.process()).descriptors;
  Subscribers subscribers(port, target_of(cost.channels), load.clients, cost.channels);
  std::deque<Publisher> publishers;
  for (std::size_t i = 0; i < cost.channels; ++i) publishers.emplace_back(port, name_of(i), load.bytes, i);
  subscribers.open();
  const CpuMeter cpu(trial.server.process());
  subscribers.receive(load.events, [&] {
    auto due = Clock::now();
    for (std::size_t i = 0; i < load.events;
         ++i, due += std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate) {
      std::this_thread::sleep_until(due);
      publishers[i % publishers.size()].publish(1);
    }
  });
  cost.server_us += cpu.server_us();
  cost.delivered += subscribers.deliveries().count();
  cost.lost += subscribers.lost();
  cost.misplaced += subscribers.deliveries().misplaced();
  cost.delays_ms.add(subscribers.deliveries().take_delays_ms());
  subscribers.leave();
  publishers.clear();
  settled(trial.server, descriptors);
}

Outcome measure(const Trial& trial) {
  Cost one{.channels = 1}, several{.channels = kSeveral};
  for (Cost* const turn : {&one, &several, &several, &one}) take_turn(trial, *turn);
  return {.figures = {one.us(), several.us(), several.us() / one.us(), one.delays_ms.at(99), several.delays_ms.at(99)},
          .lost = one.lost + several.lost,
          .misplaced = one.misplaced + several.misplaced};
}

}  // namespace

Scenario several_scenario() {
  return {.name = "several",
          .question = "What does an event cost on a stream of several channels, beside one on a stream of one?",
          .load = {.clients = 2000, .events = 20, .bytes = 100, .rate = 10},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " subscribers of one channel, and of " +
                       std::to_string(kSeveral) + " on one stream, twice each, by turns; " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) + " bytes each time, " +
                       std::to_string(load.rate) + " a second";
              },
          .why_not = our_channel_alone,
          .figures = {{.name = "CPU us/event of one", .decimals = 2},
                      {.name = "CPU us/event of several", .decimals = 2},
                      {.name = "several/one", .decimals = 2, .has_spread = true},
                      {.name = "p99 ms of one"},
                      {.name = "p99 ms of several"}},
          .goals = {{.contender = "ours", .figure = "several/one", .most = 1.15}},
          .measure = measure};
}

}  // namespace tidings::bench
