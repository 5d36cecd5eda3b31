// kill -9 of nodes and of the Redis that they share, and of what connects them, at random moments, again and again,
// while they are published to and followed by clients that go from node to node: no acknowledged event may be lost,
// come twice or come out of order, unless Redis has lost it, and then everybody who misses it is told a gap.
#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include "tidings/bench/kills/cluster_round.h"
#include "tidings/bench/kills/rounds.h"
#include "tidings/bench/kills/verdict.h"

namespace {

using namespace tidings::bench;

unsigned long long number(std::uint64_t value) { return value; }

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
  const auto row = [](const char* what, std::uint64_t count) { print_row(what, count, 37); };
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

int run(const KillFlags& flags, const Cluster::Options& cluster) {
  std::mt19937_64 random(flags.seed);
  Verdict verdict;
  ClusterTally tally;
  const auto live = [&](std::uint64_t, const std::filesystem::path& folder, std::uint64_t goal,
                        const std::function<bool()>& goes_on) {
    ClusterRound round(cluster, flags.publishers, flags.subscribers, folder, verdict, tally);
    while (tally.all_blows() < goal && goes_on()) {
      round.take(Blow::any(random, cluster.nodes, cluster.has_replica));
    }
    round.finish();
  };
  return live_rounds(flags,
                     {.name = "kill_cluster",
                      .what = std::to_string(cluster.nodes) + " nodes, --fsync " + cluster.fsync +
                              (cluster.has_replica ? ", --lag" : ""),
                      .what_stays = "Redis' logs and the nodes' stay",
                      .told = tally.told,
                      .count = [&] { return tally.all_blows(); },
                      .live = live,
                      .print_result = [&] { print_result(tally, verdict); }},
                     verdict);
}

}  // namespace

int main(int argc, char** argv) {
  KillFlags flags{.kills = 300, .subscribers = 24};
  Cluster::Options cluster;
  CLI::App app(
      "Kills nodes, the Redis that they share and what connects them at random moments, and compares what each client "
      "was told. Ctrl+C ends it early.");
  app.name("kill_cluster");
  flags.add_to(app);
  app.option_defaults()->always_capture_default();
  app.add_option("--nodes", cluster.nodes, "Servers that share one Redis")->check(CLI::Range(1, 100));
  app.add_option("--fsync", cluster.fsync, "appendfsync of Redis; with everysec events may be lost with a gap")
      ->check(CLI::IsMember({"always", "everysec"}));
  app.option_defaults()->always_capture_default(false);
  app.add_flag(
      "--lag", cluster.has_replica,
      "Redis is not killed and started again: a replica that lags is promoted, and events may be lost with a gap");
  return run_kills(app, argc, argv, [&] { return run(flags, cluster); });
}
