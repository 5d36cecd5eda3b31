// What does it cost to follow many channels, on each of which little happens? Each has one subscriber and gets one
// event a second, published over HTTP on the same node.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/bench/load/deliveries.h"
#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds, std::chrono::nanoseconds, std::chrono::seconds;

constexpr std::size_t kPublishers = 16;

std::string target_of(std::size_t channel) { return "/channels/load" + std::to_string(channel); }

std::string why_not(const Contender& contender) {
  return our_channel_alone(contender).empty() || contender.name == "ours_redis" ? "" : our_channel_alone(contender);
}

// Every so many of the channels, from this one on, by turns.
class Publishing {
 public:
  Publishing(std::uint16_t port, std::size_t first, const Load& load)
      : client_(port), first_(first), load_(load), interval_(nanoseconds(seconds(1)) * kPublishers / load.clients) {}

  // One event for each of them within a second. Throws std::runtime_error where one is not accepted.
  void publish(std::uint64_t sequence) {
    auto due = Clock::now();
    for (std::size_t channel = first_; channel < load_.clients; channel += kPublishers, due += interval_) {
      std::this_thread::sleep_until(due);
      const auto now = Clock::now();
      most_late_ = std::max<nanoseconds>(most_late_, now - due);
      const std::string data = stamped({.published_at = now, .publisher = 0, .sequence = sequence}, load_.bytes);
      const Page page = client_.post(target_of(channel), data);
      if (page.status != 200) throw std::runtime_error("an event was not accepted: " + page.body);
    }
  }

  nanoseconds take_most_late() { return std::exchange(most_late_, nanoseconds(0)); }

 private:
  PageClient client_;
  std::size_t first_;
  const Load& load_;
  nanoseconds interval_, most_late_{};
};

class Many {
 public:
  explicit Many(const Trial& trial)
      : deliveries_(trial.load.clients, 1),
        clients_(trial.server.port(), {}, trial.load.clients,
                 [this](std::size_t client, const ParsedEvent& event, StreamClients::Time) {
                   deliveries_.take(client, event.data);
                 },
                 {.targets = targets_of(trial.load.clients)}) {
    for (std::size_t i = 0; i < kPublishers; ++i) publishers_.emplace_back(trial.server.port(), i, trial.load);
    clients_.open_all();
  }

  // So many events on each channel, and until all have come, or nothing has for 3 s.
  void publish(std::uint64_t events) {
    std::vector<std::future<void>> publishing;
    for (Publishing& each : publishers_) {
      publishing.push_back(std::async(std::launch::async, [this, &each, events] {
        for (std::uint64_t i = 1; i <= events; ++i) each.publish(published_ + i);
      }));
    }
    for (std::future<void>& each : publishing) {
      while (each.wait_for(milliseconds(0)) != std::future_status::ready) clients_.run(milliseconds(20));
      each.get();
    }
    published_ += events;
    const auto begin = Clock::now();
    while (lost() > 0 && Clock::now() - std::max(begin, deliveries_.last_at()) < seconds(3)) {
      clients_.run(milliseconds(10));
    }
  }

  std::uint64_t lost() const { return published_ * clients_.size() - deliveries_.count(); }
  Deliveries& deliveries() { return deliveries_; }
  double take_most_late_ms() {
    nanoseconds most{};
    for (Publishing& each : publishers_) most = std::max(most, each.take_most_late());
    return std::chrono::duration<double, std::milli>(most).count();
  }

 private:
  static std::vector<std::string> targets_of(std::size_t count) {
    std::vector<std::string> targets;
    for (std::size_t i = 0; i < count; ++i) targets.push_back(target_of(i));
    return targets;
  }

  Deliveries deliveries_;
  StreamClients clients_;
  std::deque<Publishing> publishers_;
  std::uint64_t published_ = 0;  // on each channel
};

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  Many many(trial);
  many.publish(1);  // what a channel is set up with is not to be measured
  many.deliveries().take_delays_ms();
  many.take_most_late_ms();
  const CpuMeter cpu(trial.server.process());
  many.publish(load.events);
  const auto events = static_cast<double>(load.events * load.clients);
  const double server_us = cpu.server_us() / events, own_us = cpu.own_us() / events;
  Percentiles delays = many.deliveries().take_delays_ms();
  return {.figures = {server_us, delays.at(50), delays.at(99), kib_of(trial.server) / 1024, own_us,
                      many.take_most_late_ms()},
          .lost = many.lost(),
          .misplaced = many.deliveries().misplaced()};
}

}  // namespace

Scenario many_scenario() {
  return {.name = "many",
          .question = "What does it cost to follow many channels, on each of which little happens?",
          .load = {.clients = 10'000, .events = 5, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients) + " channels with a subscriber each, " +
                       std::to_string(load.events) + " events of " + std::to_string(load.bytes) +
                       " bytes on each, one a second";
              },
          .why_not = why_not,
          .server_flags = {"--max_channels", "100000"},
          .bases = {"ours"},
          .figures = {{.name = "CPU us/event", .decimals = 2, .has_ratio = true, .has_spread = true},
                      {.name = "p50 ms", .decimals = 2},
                      {.name = "p99 ms", .decimals = 2, .has_ratio = true},
                      {.name = "MiB"},
                      {.name = "load's CPU us/event", .decimals = 2},
                      {.name = "publishers late ms", .is_worst = true}},
          .goals = {{.contender = "ours_redis", .figure = "CPU us/event", .most = 2, .by = "ours"}},
          .measure = measure};
}

}  // namespace tidings::bench
