// Does an event cost more where there are many subscribers, and a stream where there are many channels? Few and many,
// one and many, on the same server. The floor, which knows no channels, says how much of it is the kernel's.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

constexpr std::size_t kFewClients = 1000, kManyChannels = 8000;
constexpr std::size_t kMoreEvents = 5;  // few get so many times as many events, so often as well

std::size_t few_of(const Load& load) { return std::min(kFewClients, load.clients / 2); }
std::size_t channels_of(const Load& load) { return std::min(kManyChannels, load.clients); }
std::string name_of(std::size_t channel) { return "own" + std::to_string(channel); }

std::string why_not(const Contender& contender) {
  return contender.name == "floor" ? "" : our_channel_alone(contender);
}

class Growth {
 public:
  explicit Growth(const Trial& trial)
      : trial_(trial), descriptors_(figures_of_tree(trial.server.process()).descriptors) {}

  double event_us(std::size_t clients, std::size_t more) {
    const Load& load = trial_.load;
    Subscribers subscribers(trial_.server.port(), trial_.contender.target, clients);
    double us = 0;
    {
      Publisher publisher(trial_.server.port(), "load", load.bytes);
      subscribers.open();
      const CpuMeter cpu(trial_.server.process());
      subscribers.receive(load.events * more, [&] {
        publisher.publish(load.events * more, std::chrono::nanoseconds(std::chrono::seconds(1)) / (load.rate * more));
      });
      us = cpu.server_us() / static_cast<double>(subscribers.deliveries().count());
    }
    lost_ += subscribers.lost();
    misplaced_ += subscribers.deliveries().misplaced();
    subscribers.leave();
    settled(trial_.server, descriptors_);
    return us;
  }

  // Of as many streams as there are targets, one each.
  double opening_us(std::vector<std::string> targets) {
    const std::size_t count = targets.size();
    double us = 0;
    {
      StreamClients clients(trial_.server.port(), "", count,
                            [](std::size_t, const ParsedEvent&, StreamClients::Time) {},
                            {.targets = std::move(targets)});
      const CpuMeter cpu(trial_.server.process());
      clients.open_all();
      us = cpu.server_us() / static_cast<double>(count);
    }
    settled(trial_.server, descriptors_);
    return us;
  }

  std::uint64_t lost() const { return lost_; }
  std::uint64_t misplaced() const { return misplaced_; }

 private:
  const Trial& trial_;
  const std::size_t descriptors_;  // without any client
  std::uint64_t lost_ = 0, misplaced_ = 0;
};

// A channel is there once it has an event.
void make_channels(std::uint16_t port, std::size_t count) {
  PageClient client(port);
  for (std::size_t i = 0; i < count; ++i) {
    const Page page = client.post("/channels/" + name_of(i), "the first");
    if (page.status != 200) throw std::runtime_error("a channel was not made: " + page.body);
  }
}

Outcome measure(const Trial& trial) {
  const std::size_t channels = channels_of(trial.load);
  std::vector<std::string> one(channels, trial.contender.target), own;
  for (std::size_t i = 0; i < channels; ++i) own.push_back("/channels/" + name_of(i));
  Growth growth(trial);
  const double few_us = growth.event_us(few_of(trial.load), kMoreEvents);
  const double many_us = growth.event_us(trial.load.clients, 1);
  make_channels(trial.server.port(), channels);
  const double one_us = growth.opening_us(std::move(one));
  const double own_us = growth.opening_us(std::move(own));
  return {.figures = {few_us, many_us, many_us / few_us, one_us, own_us, own_us / one_us},
          .lost = growth.lost(),
          .misplaced = growth.misplaced()};
}

}  // namespace

Scenario growth_scenario() {
  return {.name = "growth",
          .question = "Does an event cost more where many follow, and a stream where there are many channels?",
          .load = {.clients = 20'000, .events = 20, .bytes = 100, .rate = 4},
          .describe =
              [](const Load& load) {
                return std::to_string(few_of(load)) + " subscribers and " + std::to_string(load.clients) +
                       " of one channel, with events of " + std::to_string(load.bytes) + " bytes; then " +
                       std::to_string(channels_of(load)) + " streams opened on one channel, and on as many channels";
              },
          .why_not = why_not,
          .server_flags = {"--max_channels", "10000"},
          .figures = {{.name = "CPU us/event to few", .decimals = 2},
                      {.name = "CPU us/event to many", .decimals = 2},
                      {.name = "many/few", .decimals = 2, .has_spread = true},
                      {.name = "CPU us/opening on one"},
                      {.name = "CPU us/opening on own"},
                      {.name = "own/one", .decimals = 2, .has_spread = true}},
          .goals = {{.contender = "ours", .figure = "many/few", .most = 1.1},
                    {.contender = "ours", .figure = "own/one", .most = 1.1}},
          .measure = measure};
}

}  // namespace tidings::bench
