// Does it cost more to resume where much is kept? Two channels of one server, a short history and a long one: the time
// from connecting with the last but one event's id until the last has come, by turns.
#include <chrono>
#include <future>
#include <stdexcept>
#include <vector>

#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/socket.h"
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

// How many microseconds it takes to resume. Throws where the event does not come, or another one before it.
double resume(std::uint16_t port, const History& history) {
  const auto begin = std::chrono::steady_clock::now();
  Socket socket = Socket::connect(port, Socket::Mode::kBlocking);
  socket.send("GET /channels/" + history.channel +
              " HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + history.before_last + "\r\n\r\n");
  std::string received;
  while (!received.ends_with("\n\n\r\n")) {  // an event and the end of its chunk
    char buffer[4096];
    const ssize_t count = socket.receive(buffer);
    if (count <= 0) throw std::runtime_error("a stream ended before its event had come");
    received.append(buffer, static_cast<std::size_t>(count));
  }
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  const bool is_gap = received.find("event: gap") != std::string::npos;
  if (is_gap || received.find("\nid: ") != received.find("\nid: " + history.last + '\n')) {
    throw std::runtime_error("a stream did not begin with the event after the one that it asked for");
  }
  return time.count();
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const std::uint16_t port = trial.server.port();
  History histories[] = {fill(port, "short", load, kShort), fill(port, "long", load, load.events)};
  for (std::size_t i = 0; i < load.clients + kWarmUp; ++i) {
    for (const std::size_t turn : {i % 2, 1 - i % 2}) {
      const double time = resume(port, histories[turn]);
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
