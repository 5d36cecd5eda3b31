// What does a server cost that has much on its disk? One channel with a long history and one with a short one: the
// start, the memory, the disk; then one event resumed from memory in each, by turns; then runs of the long one that are
// in memory no more, while publishing goes on.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tidings/bench/load/history_filler.h"
#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/resumer.h"
#include "tidings/bench/scenarios/scenario.h"
#include "tidings/server/history/sqlite_history.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

constexpr std::uint64_t kShort = 1000, kOutstanding = 2000;
constexpr std::size_t kWarmUp = 100, kRun = 1000, kPublishers = 8;

void fill(const std::filesystem::path& folder, const Load& load) {
  SqliteHistory::Options options;
  options.data_dir = folder;
  options.limits = {.max_events = load.events, .max_bytes = UINT64_MAX};
  SqliteHistory history(options);
  HistoryFiller(history, {"short"}, load.bytes).keep(kShort, kOutstanding);
  HistoryFiller(history, {"long"}, load.bytes).keep(load.events, kOutstanding);
}

double bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += file.file_size();
  return static_cast<double>(bytes);
}

// Until it says that it is ready.
double start_ms(ServerProcess& server) {
  const auto begin = Clock::now();
  server.start();
  if (PageClient(server.port()).get("/readyz").status != 200) throw std::runtime_error("the server is not ready");
  return Millis(Clock::now() - begin).count();
}

// A channel's newest events, which are in memory.
struct Newest {
  std::string channel, before_last, last;  // ids
  Percentiles micros = {};
};

Newest publish_newest(std::uint16_t port, std::string channel, std::size_t bytes) {
  Publisher publisher(port, channel, bytes);
  publisher.publish(1);
  const std::string before_last = publisher.last_id();
  publisher.publish(1);
  return {.channel = std::move(channel), .before_last = before_last, .last = publisher.last_id()};
}

void resume_by_turns(std::uint16_t port, std::size_t count, Newest& one, Newest& other) {
  for (std::size_t i = 0; i < count + kWarmUp; ++i) {
    for (Newest* const each : {i % 2 == 0 ? &one : &other, i % 2 == 0 ? &other : &one}) {
      const auto time = resume(port, each->channel, each->before_last, each->last);
      if (i >= kWarmUp) each->micros.add(Millis(time).count() * 1000);
    }
  }
}

struct Cold {
  Percentiles millis;
  double published = 0;  // a second, meanwhile
};

// From a new place each time, where nobody has just been.
Cold read_cold(std::uint16_t port, const Load& load, const Newest& newest) {
  const std::string epoch = newest.last.substr(0, newest.last.find('-') + 1);
  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> published = 0;
  std::vector<std::future<void>> publishing;
  for (std::size_t i = 0; i < kPublishers; ++i) {
    publishing.push_back(std::async(std::launch::async, [&] {
      for (Publisher publisher(port, "load", load.bytes); !is_over; ++published) publisher.publish(1);
    }));
  }
  Cold cold;
  std::minstd_rand random;  // NOLINT: the same places in each round
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < load.clients; ++i) {
    const std::uint64_t after = 1 + random() % (load.events / 2);
    cold.millis.add(
        Millis(resume(port, "long", epoch + std::to_string(after), epoch + std::to_string(after + kRun), kRun))
            .count());
  }
  cold.published = static_cast<double>(published) / std::chrono::duration<double>(Clock::now() - begin).count();
  is_over = true;
  for (std::future<void>& each : publishing) each.get();
  return cold;
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  trial.server.stop();
  fill(trial.server.folder(), load);
  const double bytes = bytes_in(trial.server.folder()) / static_cast<double>(load.events + kShort);
  const double ready_ms = start_ms(trial.server);
  const std::uint16_t port = trial.server.port();
  Newest few = publish_newest(port, "short", load.bytes), many = publish_newest(port, "long", load.bytes);
  resume_by_turns(port, load.clients, few, many);
  Cold cold = read_cold(port, load, many);
  const double few_us = few.micros.at(50), many_us = many.micros.at(50);
  return {.figures = {bytes, ready_ms, kib_of(trial.server) / 1024, few_us, many_us, many_us / few_us,
                      cold.millis.at(50), cold.millis.at(99), cold.published}};
}

}  // namespace

Scenario kept_scenario() {
  const auto goals_of = [](const char* contender) {
    return std::vector<Goal>{{.contender = contender, .figure = "bytes/event", .most = 160},
                             {.contender = contender, .figure = "ready ms", .most = 1000},
                             {.contender = contender, .figure = "MiB", .most = 64},
                             {.contender = contender, .figure = "long/short", .most = 1.3},
                             {.contender = contender, .figure = "cold p99 ms", .most = 5}};
  };
  std::vector<Goal> goals = goals_of("ours_process");
  for (Goal& goal : goals_of("ours_power")) goals.push_back(std::move(goal));
  return {.name = "kept",
          .question = "What does a server cost that keeps much on its disk?",
          .load = {.clients = 1000, .events = 10'000'000, .bytes = 100},
          .describe =
              [](const Load& load) {
                return std::to_string(load.events) + " events of " + std::to_string(load.bytes) + " bytes kept in " +
                       "one channel and " + std::to_string(kShort) + " in another; " + std::to_string(load.clients) +
                       " clients, one after the other, resume with one event missed, then as many with " +
                       std::to_string(kRun) + " that are not in memory, while " + std::to_string(kPublishers) +
                       " publishers publish as fast as they are answered";
              },
          .why_not = our_durable_ones,
          .server_flags = {"--history_events", "100000000", "--history_bytes", "1099511627776"},
          .figures = {{.name = "bytes/event"},
                      {.name = "ready ms"},
                      {.name = "MiB"},
                      {.name = "short p50 us"},
                      {.name = "long p50 us"},
                      {.name = "long/short", .decimals = 2, .has_spread = true},
                      {.name = "cold p50 ms", .decimals = 2},
                      {.name = "cold p99 ms", .decimals = 2, .has_spread = true},
                      {.name = "publications/s", .decimals = 0}},
          .goals = std::move(goals),
          .measure = measure};
}

}  // namespace tidings::bench
