// What the calls around a channel cost with little there and with much: each pair should take the same time.
//
//   bazel run //bench:channels_benchmark
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/subscribers/channel_stream.h"

namespace {

using namespace tidings;

const Event& event() {
  static const Event event(std::string(100, 'x'));
  return event;
}

Hub::Options holding(std::size_t channels) { return {.max_channels = channels, .max_quiet = 0, .channel = {}}; }

class Listener final : public Channel::Listener {
  void on_published() override {}
};

// A channel whose listeners of one loop are many: subscriptions in generators.
class Followed {
 public:
  explicit Followed(std::size_t listeners) : listeners_(listeners) {
    for (Listener& each : listeners_) channel_->listen(each, loop_);
  }
  ~Followed() {
    for (Listener& each : listeners_) channel_->stop_listening(each, loop_);
  }
  Channel& channel() { return *channel_; }
  Loop& loop() { return loop_; }

 private:
  std::shared_ptr<SystemClock> clock_ = std::make_shared<SystemClock>();
  Hub hub_{holding(1), clock_, 1};
  std::shared_ptr<Channel> channel_ = hub_.channel("c");
  Loop loop_{*clock_, [](const std::function<void()>&) {}};
  std::vector<Listener> listeners_;
};

void publish_with_listeners(benchmark::State& state) {
  Followed followed(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(followed.channel().publish(event()));
}
BENCHMARK(publish_with_listeners)->Arg(1)->Arg(10'000);

void come_and_leave_among_listeners(benchmark::State& state) {
  Followed followed(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Listener listener;
    followed.channel().listen(listener, followed.loop());
    followed.channel().stop_listening(listener, followed.loop());
  }
}
BENCHMARK(come_and_leave_among_listeners)->Arg(1)->Arg(10'000);

// As many channels as there may be, all with events.
class FullHouse {
 public:
  explicit FullHouse(std::int64_t channels) : hub_(holding(static_cast<std::size_t>(channels)), clock_, 1) {
    for (std::int64_t i = 0; i < channels; ++i) hub_.channel(std::to_string(i))->publish(event());
  }
  Hub& hub() { return hub_; }

 private:
  std::shared_ptr<SystemClock> clock_ = std::make_shared<SystemClock>();
  Hub hub_;
};

void publish_to_a_new_name_in_a_full_house(benchmark::State& state) {
  FullHouse house(state.range(0));
  std::uint64_t name = 0;
  for (auto _ : state) house.hub().channel("new-" + std::to_string(name++))->publish(event());
}
BENCHMARK(publish_to_a_new_name_in_a_full_house)->Arg(100)->Arg(100'000);

void scrape(benchmark::State& state) {
  FullHouse house(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(house.hub().figures());
}
BENCHMARK(scrape)->Arg(100)->Arg(100'000);

void sweep_with_nothing_old(benchmark::State& state) {
  FullHouse house(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(house.hub().expire());
}
BENCHMARK(sweep_with_nothing_old)->Arg(100)->Arg(100'000);

// What the opening of a stream costs beside its socket, where its loop follows many channels.
void open_and_close_a_feed(benchmark::State& state) {
  const auto clock = std::make_shared<SystemClock>();
  Hub hub(holding(1), clock, 1);
  EventLoop loop(*clock, 1);
  Broadcasters broadcasters(loop);
  std::vector<std::shared_ptr<Broadcaster>> there;
  for (std::int64_t i = 0; i < state.range(0); ++i) there.push_back(broadcasters.of(hub.channel(std::to_string(i))));
  for (auto _ : state) benchmark::DoNotOptimize(broadcasters.of(hub.channel("another")));
}
BENCHMARK(open_and_close_a_feed)->Arg(1)->Arg(51'200);

}  // namespace

BENCHMARK_MAIN();
