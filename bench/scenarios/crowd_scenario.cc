// Does a crowd that comes back for what lies on the disk alone hold up those who follow, or grow the server? The crowd
// runs at the lowest priority, and its events are counted: what it takes of the machine is left over by the others.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <vector>

#include "tidings/bench/load/history_filler.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/scenarios/scenario.h"
#include "tidings/server/history/sqlite_history.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kFollowers = 1000, kBehind = 10'000;
constexpr std::chrono::seconds kMostTime{120};

void fill(const std::filesystem::path& folder, const Load& load) {
  SqliteHistory::Options options;
  options.data_dir = folder;
  SqliteHistory history(options);
  HistoryFiller(history, {"load"}, load.bytes).keep(2 * kBehind, 1000);
}

class Crowd {
 public:
  // Its clients come back with this id.
  Crowd(std::uint16_t port, const Load& load, const std::string& id)
      : got_(load.clients),
        clients_(port, "/channels/load", load.clients,
                 [this](std::size_t client, const ParsedEvent&, StreamClients::Time) { ++got_[client]; },
                 {.last_event_ids = std::vector<std::string>(load.clients, id)}) {}

  // Until each has what it has missed; the server's memory is looked at meanwhile.
  void run(const ServerProcess& server, double& most_kib) {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);  // this thread alone
    const auto end = Clock::now() + kMostTime;
    clients_.open_all(got_.size());
    while (missing() > 0 && Clock::now() < end) {
      clients_.run(milliseconds(100));
      most_kib = std::max(most_kib, kib_of(server));
    }
  }
  // Events that have not come.
  std::uint64_t missing() const {
    std::uint64_t count = 0;
    for (const std::size_t got : got_) count += kBehind - std::min(kBehind, got);
    return count;
  }

 private:
  std::vector<std::size_t> got_;
  StreamClients clients_;
};

std::string id_before(const std::string& id, std::uint64_t events) {
  const std::size_t dash = id.find('-') + 1;
  return id.substr(0, dash) + std::to_string(std::stoull(id.substr(dash)) - events);
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  trial.server.stop();
  fill(trial.server.folder(), load);
  trial.server.start();  // with nothing in memory
  const std::uint16_t port = trial.server.port();
  Publisher publisher(port, "load", load.bytes);
  publisher.publish(1);
  const std::string before = id_before(publisher.last_id(), kBehind + 1);
  Subscribers followers(port, "/channels/load", kFollowers);
  followers.open();
  const auto p99_ms = [&] {
    followers.receive(load.events, [&] {
      publisher.publish(load.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate);
    });
    return followers.deliveries().take_delays_ms().at(99);
  };
  const double without_ms = p99_ms(), before_kib = kib_of(trial.server);
  double most_kib = before_kib;

  Crowd crowd(port, load, before);
  const auto begin = Clock::now();
  std::future<double> all_s = std::async(std::launch::async, [&] {
    crowd.run(trial.server, most_kib);
    return std::chrono::duration<double>(Clock::now() - begin).count();
  });
  const double with_ms = p99_ms();
  const bool is_there = all_s.wait_for(milliseconds(0)) != std::future_status::ready;
  const double crowd_s = all_s.get();
  if (!is_there) std::fprintf(stderr, "The crowd had gone before the last event was published.\n");
  return {.figures = {without_ms, with_ms, with_ms / without_ms, before_kib / 1024, most_kib / 1024, crowd_s},
          .lost = followers.lost() + crowd.missing(),
          .misplaced = followers.deliveries().misplaced()};
}

}  // namespace

Scenario crowd_scenario() {
  return {.name = "crowd",
          .question = "Does a crowd that comes back for what lies on the disk alone hold up those who follow?",
          .load = {.clients = 2000, .events = 60, .bytes = 100, .rate = 20},
          .describe =
              [](const Load& load) {
                return std::to_string(kFollowers) + " subscribers follow, without and with " +
                       std::to_string(load.clients) + " who come back at once to the same channel, each " +
                       std::to_string(kBehind) + " events behind what is in memory; " + std::to_string(load.events) +
                       " events of " + std::to_string(load.bytes) + " bytes each time, " + std::to_string(load.rate) +
                       " a second";
              },
          .why_not = our_durable_ones,
          .figures = {{.name = "p99 ms without"},
                      {.name = "p99 ms with"},
                      {.name = "with/without", .decimals = 2, .has_spread = true},
                      {.name = "MiB before"},
                      {.name = "most MiB", .is_worst = true},
                      {.name = "crowd has all s", .decimals = 2}},
          .goals = {{.contender = "ours_process", .figure = "with/without", .most = 1.3},
                    {.contender = "ours_process", .figure = "most MiB", .most = 64}},
          .measure = measure};
}

}  // namespace tidings::bench
