// When a server is killed and started again, when has the last of its clients its stream again, and what it has missed?
// The clients come as soon as the server listens, and a bounded number of them at a time: what is measured is the
// server, not how long clients wait.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/bench/load/deliveries.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/process_figures.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds, std::chrono::seconds;

constexpr std::size_t kAtOnce = 2000;  // below the server's backlog: a dropped SYN comes again a second later
constexpr const char* kTarget = "/channels/load";

std::string why_not(const Contender& contender) {
  return our_channel_alone(contender).empty() ? "" : our_durable_ones(contender);
}

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

// Kills the server while all clients follow. Returns the id that they have last.
std::string kill_with_clients(const Trial& trial) {
  std::size_t got = 0;
  StreamClients clients(trial.server.port(), kTarget, trial.load.clients,
                        [&got](std::size_t, const ParsedEvent&, StreamClients::Time) { ++got; });
  Publisher publisher(trial.server.port(), "load", trial.load.bytes);
  clients.open_all(kAtOnce);
  publisher.publish(1);
  for (const auto end = Clock::now() + seconds(10); got < clients.size();) {
    if (Clock::now() > end) throw std::runtime_error("an event did not come to all before the server was killed");
    clients.run(milliseconds(10));
  }
  trial.server.stop(SIGKILL);
  return publisher.last_id();
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const std::string last_id = kill_with_clients(trial);
  const auto killed = Clock::now();
  trial.server.start_on_its_port();
  const auto there = Clock::now();
  Publisher(trial.server.port(), "load", load.bytes).publish(load.events);  // which all of them miss

  std::uint64_t gaps = 0;
  Deliveries deliveries(load.clients, 1);
  StreamClients clients(trial.server.port(), kTarget, load.clients,
                        [&](std::size_t client, const ParsedEvent& event, StreamClients::Time) {
                          if (event.type == "gap") {
                            ++gaps;
                          } else {
                            deliveries.take(client, event.data);
                          }
                        },
                        {.last_event_ids = std::vector<std::string>(load.clients, last_id)});
  clients.open(seconds(30), kAtOnce);
  const auto all_back = Clock::now();
  const std::uint64_t expected = load.events * load.clients;
  while (deliveries.count() < expected && Clock::now() - std::max(all_back, deliveries.last_at()) < seconds(3)) {
    clients.run(milliseconds(10));
  }
  const double cpu_s = std::chrono::duration<double>(cpu_of_tree(trial.server.process())).count();
  const double mib = kib_of(trial.server) / 1024;
  clients.run(milliseconds(50));  // what comes twice
  return {.figures = {seconds_between(there, all_back), seconds_between(there, deliveries.last_at()), cpu_s,
                      cpu_s * 1e6 / static_cast<double>(load.clients), seconds_between(killed, there), mib,
                      static_cast<double>(gaps), static_cast<double>(clients.size() - clients.opened())},
          .lost = expected - deliveries.count(),
          .misplaced = deliveries.misplaced()};
}

}  // namespace

Scenario restart_scenario() {
  return {.name = "restart",
          .question = "When a server is killed and started again, when has the last client its stream again?",
          .load = {.clients = 20'000, .events = 10, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " clients of a server that is killed and started again, where " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) +
                       " bytes are published first; the clients come back with their last event id as soon as it " +
                       "listens, at most " + std::to_string(kAtOnce) + " at a time";
              },
          .why_not = why_not,
          .figures = {{.name = "all back s", .decimals = 2, .has_spread = true},
                      {.name = "all have all s", .decimals = 2, .has_spread = true},
                      {.name = "server's CPU s", .decimals = 2},
                      {.name = "CPU us/client"},
                      {.name = "away s", .decimals = 2},
                      {.name = "MiB"},
                      {.name = "gaps", .decimals = 0, .is_worst = true},
                      {.name = "not back in 30 s", .decimals = 0, .is_worst = true}},
          .goals = {{.contender = "ours", .figure = "not back in 30 s", .most = 0},
                    {.contender = "ours_process", .figure = "gaps", .most = 0}},
          .measure = measure};
}

}  // namespace tidings::bench
