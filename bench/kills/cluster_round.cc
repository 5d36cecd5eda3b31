#include "tidings/bench/kills/cluster_round.h"

#include <numeric>
#include <thread>

#include "tidings/bench/kills/wait_until.h"

namespace tidings::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kEventsOfService = 20;  // so many are acknowledged where a cluster serves

}  // namespace

Blow Blow::any(std::mt19937_64& random, std::size_t nodes, bool has_replica) {
  const auto up_to = [&random](int most) { return milliseconds(random() % most); };
  const std::uint64_t die = random() % 100;
  Blow blow{.node = random() % nodes, .before = up_to(150), .length = up_to(150), .waits = random() % 4 > 0};
  if (die < 35) {
    blow.kind = Kind::kNode;
  } else if (die < 70) {
    blow.kind = has_replica ? Kind::kPromotion : die < 60 ? Kind::kRedis : Kind::kBoth;
  } else if (die < 85) {
    blow.kind = Kind::kCut;
  } else {
    blow.kind = die < 93 ? Kind::kHold : Kind::kStall;
  }
  return blow;
}

std::uint64_t ClusterTally::all_blows() const { return std::accumulate(blows.begin(), blows.end(), std::uint64_t{0}); }

ClusterRound::ClusterRound(const Cluster::Options& options, std::size_t publishers, std::size_t subscribers,
                           const std::filesystem::path& folder, Verdict& verdict, ClusterTally& tally)
    : verdict_(verdict),
      tally_(tally),
      everybody_({.publishers = publishers,
                  .subscribers = subscribers,
                  .servers = options.nodes,
                  .losses = options.keeps_all() ? Ledger::Losses::kNone : Ledger::Losses::kTold},
                 verdict),
      cluster_(options, folder) {
  life_.emplace(everybody_, cluster_.ports());
  life_->publish();
}

void ClusterRound::take(const Blow& blow) {
  std::this_thread::sleep_for(blow.before);
  strike(blow);
  ++tally_.blows[static_cast<std::size_t>(blow.kind)];
  if (!blow.waits) return;
  const auto undone = Clock::now();
  const std::uint64_t before = everybody_.ledger().acknowledged();
  const auto serves = [&] { return everybody_.ledger().acknowledged() >= before + kEventsOfService; };
  if (!wait_until([&] { return serves() || verdict_.count() > 0; })) {
    verdict_.add(Fault::kOther, "the cluster does not serve again after a blow");
  }
  tally_.back_ms.add(std::chrono::duration<double, std::milli>(Clock::now() - undone).count());
}

void ClusterRound::strike(const Blow& blow) {
  using Kind = Blow::Kind;
  Relay& relay = cluster_.relay(blow.node);
  switch (blow.kind) {
    case Kind::kNode:
      cluster_.kill_node(blow.node);
      std::this_thread::sleep_for(blow.length);
      return cluster_.start_node(blow.node);
    case Kind::kRedis:
    case Kind::kBoth:
      cluster_.kill_redis();
      if (blow.kind == Kind::kBoth) cluster_.kill_node(blow.node);
      std::this_thread::sleep_for(blow.length);
      cluster_.start_redis();
      if (blow.kind == Kind::kBoth) cluster_.start_node(blow.node);
      return;
    case Kind::kCut: return relay.cut();
    case Kind::kHold:
    case Kind::kStall:
      relay.hold();
      std::this_thread::sleep_for(blow.length);
      return blow.kind == Kind::kHold ? relay.cut() : relay.release();
    case Kind::kPromotion:
      cluster_.let_the_replica_lag();
      std::this_thread::sleep_for(blow.length);
      cluster_.kill_redis();
      cluster_.promote();
      return cluster_.start_replica();
  }
}

void ClusterRound::finish() {
  const auto stop = [&] {
    if (!cluster_.stop_nodes()) verdict_.add(Fault::kOther, "a node does not stop well after a SIGTERM");
  };
  life_->settle();
  stop();
  life_.reset();
  cluster_.restart();
  everybody_.read_all(cluster_.ports(), stop);
  everybody_.close(tally_.told);
}

}  // namespace tidings::bench
