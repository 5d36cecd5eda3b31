// Does it cost more to resume where much is kept? Two channels of one server, a short history and a long one: the time
// from connecting with the last but one event's id until the last has come, by turns.
#include <chrono>
#include <future>
#include <vector>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/resumer.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kShort = 1000, kPublishers = 8;
constexpr std::size_t kWarmUp = 100;

struct History {
  std::string channel, before_last, last;  // ids
  Percentiles micros = {};
};

History fill(std::uint16_t port, std::string channel, const Load& load, std::size_t events) {
  std::vector<std::future<void>> publishing;
  for (std::size_t i = 0; i < kPublishers; ++i) {
    publishing.push_back(
        std::async(std::launch::async, [&] { Publisher(port, channel, load.bytes).publish(events / kPublishers); }));
  }
  for (std::future<void>& each : publishing) each.get();
  Publisher publisher(port, channel, load.bytes);
  publisher.publish(1);
  const std::string before_last = publisher.last_id();
  publisher.publish(1);
  return {.channel = std::move(channel), .before_last = before_last, .last = publisher.last_id()};
}

double resume_us(std::uint16_t port, const History& history) {
  return std::chrono::duration<double, std::micro>(resume(port, history.channel, history.before_last, history.last))
      .count();
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const std::uint16_t port = trial.server.port();
  History histories[] = {fill(port, "short", load, kShort), fill(port, "long", load, load.events)};
  for (std::size_t i = 0; i < load.clients + kWarmUp; ++i) {
    for (const std::size_t turn : {i % 2, 1 - i % 2}) {
      const double time = resume_us(port, histories[turn]);
      if (i >= kWarmUp) histories[turn].micros.add(time);
    }
  }
  const double short_us = histories[0].micros.at(50), long_us = histories[1].micros.at(50);
  return {.figures = {short_us, long_us, long_us / short_us}};
}

}  // namespace

Scenario history_scenario() {
  return {.name = "history",
          .question = "Does it cost more to resume where much is kept?",
          .load = {.clients = 1000, .events = 1'000'000, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " clients, one after the other, resume with one event of " +
                       std::to_string(load.bytes) + " bytes missed, of " + std::to_string(kShort) + " kept and of " +
                       std::to_string(load.events);
              },
          .why_not = our_channel_alone,
          .server_flags = {"--history_events", "100000000", "--history_bytes", "1099511627776"},
          .figures = {{.name = "short p50 us"},
                      {.name = "long p50 us"},
                      {.name = "long/short", .decimals = 2, .has_spread = true}},
          .goals = {{.contender = "ours", .figure = "long/short", .most = 1.2}},
          .measure = measure};
}

}  // namespace tidings::bench
