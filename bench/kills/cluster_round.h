// Blows to a cluster, with the same publishers and followers over all of them; at the end everything is compared. One
// thread at a time.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>

#include "tidings/bench/kills/cluster.h"
#include "tidings/bench/kills/everybody.h"
#include "tidings/bench/kills/verdict.h"
#include "tidings/bench/load/percentiles.h"

namespace tidings::bench {

// What is done to a cluster, and when.
struct Blow {
  enum class Kind {
    kNode,       // a node is killed
    kRedis,      // Redis is killed
    kBoth,       // Redis is killed, and a node with it
    kCut,        // a node's connections to Redis are reset
    kHold,       // nothing comes through between a node and Redis, and then its connections are reset
    kStall,      // the same, but what was held up comes after all
    kPromotion,  // the master is killed, and a replica that lags is promoted
  };
  static constexpr std::size_t kKinds = 7;

  Kind kind = Kind::kNode;
  std::size_t node = 0;                 // that is struck
  std::chrono::milliseconds before{0};  // from when the last blow was over
  std::chrono::milliseconds length{0};  // until what was done is undone
  bool waits = true;                    // until the cluster publishes again

  // Redis is promoted in place of being killed where it has a replica.
  static Blow any(std::mt19937_64& random, std::size_t nodes, bool has_replica);
};

struct ClusterTally {
  std::array<std::uint64_t, Blow::kKinds> blows{};  // by kind
  Told told;
  Percentiles back_ms;  // from when a blow was undone until something was acknowledged again

  std::uint64_t all_blows() const;
};

class ClusterRound {
 public:
  // The folder must be there and empty. Throws std::runtime_error where the cluster does not start.
  ClusterRound(const Cluster::Options& options, std::size_t publishers, std::size_t subscribers,
               const std::filesystem::path& folder, Verdict& verdict, ClusterTally& tally);

  // Throws std::runtime_error where something that was killed does not start again.
  void take(const Blow& blow);
  // All that is pending is acknowledged, every follower gets all that there is, and then everything that is kept is
  // read from the beginning, of nodes and a Redis that have been started anew.
  void finish();

 private:
  void strike(const Blow& blow);

  Verdict& verdict_;
  ClusterTally& tally_;
  Everybody everybody_;
  std::optional<Everybody::Life> life_;
  Cluster cluster_;  // ends before the life that it gives
};

}  // namespace tidings::bench
