#include "tidings/bench/kills/round.h"

#include <chrono>
#include <csignal>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tidings/bench/load/page_client.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kProgram = "server/server";

}  // namespace

std::uint64_t Tally::all_kills() const {
  const auto stops = static_cast<std::size_t>(Moment::Kind::kStop);
  return std::accumulate(kills.begin(), kills.end(), std::uint64_t{0}) - kills[stops];
}

Round::Round(const Options& options, std::filesystem::path folder, Verdict& verdict, Tally& tally)
    : options_(options),
      folder_(std::move(folder)),
      verdict_(verdict),
      tally_(tally),
      everybody_(
          {.publishers = options.publishers, .subscribers = options.subscribers, .kept_events = options.kept_events},
          verdict) {}

std::vector<std::string> Round::arguments() const {
  std::vector<std::string> all{"--port=0",
                               "--data_dir=" + folder_.string(),
                               "--durability=" + options_.durability,
                               std::string("--publish_token=") + kPublishToken,
                               "--shutdown_delay_s=0",
                               "--log_level=error"};
  if (options_.kept_events) all.push_back("--history_events=" + std::to_string(*options_.kept_events));
  return all;
}

void Round::live(const Moment& moment) {
  const auto start = Clock::now();
  ServerProcess server(kProgram, arguments(), ServerProcess::Wait::kNot);
  Killer killer(server.process(), moment, database());
  std::string why;
  try {
    server.wait_until_it_listens();
    tally_.starts_ms.add(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  } catch (const std::runtime_error& error) {
    why = error.what();
  }
  const bool has_listened = why.empty();
  std::optional<Everybody::Life> life;
  if (has_listened) life.emplace(everybody_, std::vector{server.port()}).publish();

  const Killer::End end = killer.wait();
  const bool has_ended_well = server.stop(end == Killer::End::kKilled ? SIGKILL : 0);
  life.reset();
  if (end == Killer::End::kKilled) {
    ++tally_.kills[static_cast<std::size_t>(killer.kind())];
    if (!has_listened) ++tally_.before_listening;
  } else if (end == Killer::End::kItself || (has_listened && !has_ended_well)) {
    verdict_.add(Fault::kOther, "the server has ended by itself, or not well. " + why);
  } else {
    ++tally_.kills[static_cast<std::size_t>(Moment::Kind::kStop)];
  }
}

void Round::finish() {
  {
    ServerProcess server(kProgram, arguments());
    Everybody::Life life(everybody_, {server.port()});
    life.settle();
    stop(server);
  }
  ServerProcess server(kProgram, arguments());
  everybody_.read_all({server.port()}, [&] { stop(server); });
  everybody_.close(tally_.told);
}

void Round::stop(ServerProcess& server) {
  if (!server.stop(SIGTERM)) verdict_.add(Fault::kOther, "the server does not stop well after a SIGTERM");
}

}  // namespace tidings::bench
