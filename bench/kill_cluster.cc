// kill -9 of nodes and of the Redis that they share, and of what connects them, at random moments, again and again,
// while they are published to and followed by clients that go from node to node: no acknowledged event may be lost,
// come twice or come out of order, unless Redis has lost it, and then everybody who misses it is told a gap.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "tidings/bench/kills/cluster_round.h"
#include "tidings/bench/kills/verdict.h"

namespace {

using namespace tidings::bench;
namespace fs = std::filesystem;

constexpr int kFailed = 1, kUsageError = 2;
constexpr std::uint64_t kBlowsOfARound = 50;

volatile std::sig_atomic_t interrupted = 0;
extern "C" void interrupt(int) { interrupted = 1; }

struct Flags {
  std::uint64_t kills = 300, seed = std::random_device()();
  std::size_t publishers = 8, subscribers = 24;
  Cluster::Options cluster;
  std::string folder = fs::temp_directory_path().string();
};

using Clock = std::chrono::steady_clock;

unsigned long long number(std::uint64_t value) { return value; }

void print_progress(const ClusterTally& tally, const Verdict& verdict, Clock::time_point begin) {
  std::printf("%5llu kills in %3.0f s, %llu events acknowledged, %llu seen by subscribers, %llu times wrong\n",
              number(tally.all_blows()), std::chrono::duration<double>(Clock::now() - begin).count(),
              number(tally.told.acknowledged), number(tally.told.seen), number(verdict.count()));
  std::fflush(stdout);
}

void print_result(ClusterTally& tally, const Verdict& verdict) {
  const auto blows = [&](Blow::Kind kind) { return number(tally.blows[static_cast<std::size_t>(kind)]); };
  std::printf(
      "\nKilled %llu times: a node %llu times, Redis %llu times, both %llu times; a node's connections to Redis were "
      "cut\n"
      "%llu times, dead and then cut %llu times, and held up %llu times; a replica that lagged was promoted %llu "
      "times.\n"
      "Afterwards it took %.0f ms until events were acknowledged again, 99 %% within %.0f ms, always within %.0f ms.\n"
      "Publications that had not been answered were sent again %llu times; subscribers had seen them before %llu "
      "times.\n\n",
      number(tally.all_blows()), blows(Blow::Kind::kNode), blows(Blow::Kind::kRedis), blows(Blow::Kind::kBoth),
      blows(Blow::Kind::kCut), blows(Blow::Kind::kHold), blows(Blow::Kind::kStall), blows(Blow::Kind::kPromotion),
      tally.back_ms.at(50), tally.back_ms.at(99), tally.back_ms.at(100), number(tally.told.sent_again),
      number(tally.told.seen_before));
  const auto row = [](const char* what, std::uint64_t count) {
    std::printf("| %-37s | %9llu |\n", what, number(count));
  };
  row("kills", tally.all_blows());
  row("acknowledged events", tally.told.acknowledged);
  row("of them lost, as a gap told", tally.told.lost);
  row("seen by subscribers", tally.told.seen);
  row("gaps that subscribers were told", tally.told.gaps);
  row("lost without a gap", verdict.count(Fault::kLost));
  row("twice without a gap", verdict.count(Fault::kTwice));
  row("ids used twice", verdict.count(Fault::kIdUsedTwice));
  row("gaps where nothing may be lost", verdict.count(Fault::kGap));
  row("anything else that is wrong", verdict.count(Fault::kOther));
}

int run(const Flags& flags) {
  std::string folder = flags.folder + "/kill_cluster.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("No folder can be made in " + flags.folder);
  std::printf("%llu kills, %zu nodes, %zu publishers, %zu subscribers, --fsync %s%s, in %s, --seed %llu\n",
              number(flags.kills), flags.cluster.nodes, flags.publishers, flags.subscribers,
              flags.cluster.fsync.c_str(), flags.cluster.has_replica ? ", --lag" : "", folder.c_str(),
              number(flags.seed));
  std::mt19937_64 random(flags.seed);
  Verdict verdict;
  ClusterTally tally;
  const Clock::time_point begin = Clock::now();
  const auto goes_on = [&] { return verdict.count() == 0 && interrupted == 0; };
  for (std::uint64_t index = 0; tally.all_blows() < flags.kills && goes_on(); ++index) {
    const fs::path own = fs::path(folder) / std::to_string(index);
    fs::create_directory(own);
    const std::uint64_t goal = std::min(flags.kills, tally.all_blows() + kBlowsOfARound);
    try {
      ClusterRound round(flags.cluster, flags.publishers, flags.subscribers, own, verdict, tally);
      while (tally.all_blows() < goal && goes_on()) {
        round.take(Blow::any(random, flags.cluster.nodes, flags.cluster.has_replica));
      }
      round.finish();
    } catch (const std::runtime_error& error) {  // something does not even start
      verdict.add(Fault::kOther, error.what());
    }
    print_progress(tally, verdict, begin);
    if (verdict.count() == 0) fs::remove_all(own);
  }
  print_result(tally, verdict);
  if (verdict.count() > 0) {
    std::printf(
        "\nIt ended with the first round in which something was wrong: Redis' logs and the nodes' stay in %s.\n",
        folder.c_str());
    return kFailed;
  }
  fs::remove_all(folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app(
      "Kills nodes, the Redis that they share and what connects them at random moments, and compares what each client "
      "was told. Ctrl+C ends it early.");
  app.name("kill_cluster");
  app.footer("Exit codes: 0; 1 when anything was wrong; 2 for wrong flags.");
  app.option_defaults()->always_capture_default();
  app.add_option("--kills", flags.kills, "How often something is killed or cut")->check(CLI::Range(1, 10'000'000));
  app.add_option("--nodes", flags.cluster.nodes, "Servers that share one Redis")->check(CLI::Range(1, 100));
  app.add_option("--fsync", flags.cluster.fsync, "appendfsync of Redis; with everysec events may be lost with a gap")
      ->check(CLI::IsMember({"always", "everysec"}));
  app.add_option("--publishers", flags.publishers, "Each publishes one event after the other")
      ->check(CLI::Range(1, 1000));
  app.add_option("--subscribers", flags.subscribers, "Of one channel, or of all")->check(CLI::Range(1, 10'000));
  app.add_option("--folder", flags.folder, "Where a folder is made for what Redis keeps")
      ->check(CLI::ExistingDirectory);
  app.option_defaults()->always_capture_default(false);
  app.add_flag(
      "--lag", flags.cluster.has_replica,
      "Redis is not killed and started again: a replica that lags is promoted, and events may be lost with a gap");
  app.add_option("--seed", flags.seed, "Of the moments; any unless given");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  struct sigaction action = {};
  action.sa_handler = interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl+C ends it at once
  sigaction(SIGINT, &action, nullptr);
  try {
    return run(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  }
}
