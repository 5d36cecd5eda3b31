// Ours with a generator for each client: one that follows the channel `load` at /follow, the clock's at /events. And a
// sensor whose value changes a thousand times a second while somebody follows it: its newest at each frame at
// /sensor/latest, as fast as the client can take it at /sensor/fast, and at /sensor/channel a channel to which every
// frame is published. `generator_per_client LOOPS`.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "tidings/bench/load/page_client.h"
#include "tidings/server/awaiting/latest.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/clock/clock_stream.h"
#include "tidings/server/server.h"
#include "tidings/server/subscribers/subscription.h"

namespace {

tidings::EventStream follow(std::shared_ptr<tidings::Channel> channel, std::optional<std::string> last_event_id,
                            tidings::Loop& loop) {
  tidings::Subscription subscription(std::move(channel), loop, last_event_id);
  while (auto event = co_await subscription.next()) co_yield *event;
}

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFrame{33};

// Rests while nobody follows it, so that it takes nothing of what else is measured.
class Sensor {
 public:
  // One who follows, for as long as it lives.
  class Follower {
   public:
    explicit Follower(Sensor& sensor) : sensor_(sensor) { sensor_.add(1); }
    Follower(const Follower&) = delete;
    ~Follower() { sensor_.add(-1); }

   private:
    Sensor& sensor_;
  };

  explicit Sensor(std::shared_ptr<tidings::Channel> channel) : channel_(std::move(channel)) {}
  tidings::Latest<std::string>& latest() { return latest_; }
  tidings::Latest<std::string>& fast() { return fast_; }
  const std::shared_ptr<tidings::Channel>& channel() const { return channel_; }

 private:
  void add(int followers) {
    const std::lock_guard lock(mutex_);
    followers_ += followers;
    ready_.notify_all();
  }
  void measure(const std::stop_token& stop) {
    const std::string data(100, 'x');
    auto due = std::chrono::steady_clock::now();
    for (std::uint64_t number = 0;; ++number) {
      {
        std::unique_lock lock(mutex_);
        if (!ready_.wait(lock, stop, [this] { return followers_ > 0; })) return;
      }
      latest_.set(data);
      fast_.set(data);
      if (number % kFrame.count() == 0) channel_->publish(tidings::Event(data));
      due = std::max(due + 1ms, std::chrono::steady_clock::now() - 10ms);
      std::this_thread::sleep_until(due);
    }
  }

  const std::shared_ptr<tidings::Channel> channel_;
  tidings::Latest<std::string> latest_{tidings::Pace{kFrame}}, fast_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  int followers_ = 0;
  std::jthread thread_{[this](const std::stop_token& stop) { measure(stop); }};
};

tidings::EventStream sensor_by_value(Sensor& sensor, tidings::Latest<std::string>& latest, tidings::Loop& loop) {
  const Sensor::Follower follower(sensor);
  auto data = latest.follow(loop);
  while (auto newest = co_await data.next()) co_yield tidings::Event(*std::move(newest));
}

tidings::EventStream sensor_by_channel(Sensor& sensor, tidings::Loop& loop) {
  const Sensor::Follower follower(sensor);
  tidings::Subscription subscription(sensor.channel(), loop);
  while (auto event = co_await subscription.next()) co_yield *event;
}

}  // namespace

int main(int, char** argv) {
  tidings::ServerOptions options;
  options.port = 0;
  if (const char* const host = std::getenv("TIDINGS_BENCH_HOST"); host != nullptr) options.host = host;
  // A generator sends one event at a time, where a channel's own stream takes many at once: under many publishers it
  // falls further behind than the usual history reaches.
  options.channels.channel.history = {.max_events = 100'000, .max_bytes = 64 << 20};
  options.threads = argv[1] != nullptr ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 1;
  tidings::Server server(options);
  tidings::Hub& hub = server.hub();
  server.serve_channels({.token = tidings::bench::kPublishToken});
  server.stream("/events", tidings::clock_stream);
  server.stream("/follow", [&hub](tidings::Request request, tidings::Loop& loop) {
    const auto id = request.header("Last-Event-ID");
    return follow(hub.channel("load"), id ? std::optional<std::string>(*id) : std::nullopt, loop);
  });
  Sensor sensor(hub.channel("sensor"));
  server.stream("/sensor/latest",
                [&](tidings::Request, tidings::Loop& loop) { return sensor_by_value(sensor, sensor.latest(), loop); });
  server.stream("/sensor/fast",
                [&](tidings::Request, tidings::Loop& loop) { return sensor_by_value(sensor, sensor.fast(), loop); });
  server.stream("/sensor/channel",
                [&](tidings::Request, tidings::Loop& loop) { return sensor_by_channel(sensor, loop); });
  server.listen();
  server.stop_on_signals();
  std::printf("Generators are at %s\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
