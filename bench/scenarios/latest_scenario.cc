// What does the newest of a value that changes a thousand times a second cost each client, beside a channel that has as
// many events as the client is sent? By turns, on the same server.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using std::chrono::seconds;

// What clients of one path have taken, in all of their turns.
struct Cost {
  std::string target;
  double server_us = 0;
  std::uint64_t events = 0;
  double kib = 0;  // for each client, the first time

  double us() const { return server_us / static_cast<double>(events); }
};

void take_turn(const Trial& trial, Cost& cost) {
  const std::size_t descriptors = figures_of_tree(trial.server.process()).descriptors;
  const double before = kib_of(trial.server);
  bool counts = false;
  {
    StreamClients clients(trial.server.port(), cost.target, trial.load.clients,
                          [&](std::size_t, const ParsedEvent&, StreamClients::Time) { cost.events += counts; });
    clients.open_all();
    clients.run(seconds(1));  // to warm up
    counts = true;
    const CpuMeter cpu(trial.server.process());
    clients.run(seconds(trial.load.events));
    cost.server_us += cpu.server_us();
    // What the first have given back, those who come later take.
    if (cost.kib == 0) cost.kib = (kib_of(trial.server) - before) / static_cast<double>(trial.load.clients);
  }
  settled(trial.server, descriptors);
}

Outcome measure(const Trial& trial) {
  Cost channel{.target = "/sensor/channel"}, latest{.target = "/sensor/latest"}, fast{.target = "/sensor/fast"};
  for (Cost* const turn : {&latest, &channel, &fast, &fast, &channel, &latest}) take_turn(trial, *turn);
  const auto per_second = [&](const Cost& cost) {
    return static_cast<double>(cost.events) / static_cast<double>(2 * trial.load.events * trial.load.clients);
  };
  return {.figures = {channel.us(), latest.us(), latest.us() / channel.us(), fast.us(), fast.us() / channel.us(),
                      per_second(channel), per_second(latest), per_second(fast), latest.kib}};
}

std::string our_generators_alone(const Contender& contender) {
  return contender.name.starts_with("ours_generators") ? "" : "the question is about our generators alone";
}

}  // namespace

Scenario latest_scenario() {
  return {
      .name = "latest",
      .question = "What does the newest of a value that changes at 1 kHz cost each client, beside a channel?",
      .load = {.clients = 1000, .events = 5},
      .describe =
          [](const Load& load) {
            return std::to_string(load.clients) + " clients of each, twice, by turns, " + std::to_string(load.events) +
                   " s each time: of a channel that has an event each 33 ms, of the " +
                   "newest value at each 33 ms, and of the newest as fast as they take it; the value is 100 bytes " +
                   "and changes 1,000 times a second";
          },
      .why_not = our_generators_alone,
      .figures = {{.name = "CPU us/event of a channel", .decimals = 2},
                  {.name = "of the newest", .decimals = 2},
                  {.name = "newest/channel", .decimals = 2, .has_spread = true},
                  {.name = "of the newest, fast", .decimals = 2},
                  {.name = "fast/channel", .decimals = 2, .has_spread = true},
                  {.name = "channel's events/s"},
                  {.name = "newest's events/s"},
                  {.name = "fast events/s"},
                  {.name = "KiB/client", .decimals = 2}},
      .goals = {{.contender = "ours_generators", .figure = "newest/channel", .most = 1.0},
                {.contender = "ours_generators", .figure = "fast/channel", .most = 1.0},
                {.contender = "ours_generators", .figure = "KiB/client", .most = 1.2}},
      .measure = measure};
}

}  // namespace tidings::bench
