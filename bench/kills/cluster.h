// Some nodes that share one Redis, all on this machine: each reaches it through a relay of its own. Everything can be
// killed and started again where it was. With a replica, which follows through a relay too, another Redis can be
// promoted. One thread at a time.
#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/kills/relay.h"
#include "tidings/bench/rivals/server_process.h"

namespace tidings::bench {

class Cluster {
 public:
  struct Options {
    std::size_t nodes = 3;
    std::string fsync = "always";  // of Redis' log: always or everysec
    bool has_replica = false;

    // Whether a Redis that is killed has what it has said yes to, wherever the nodes find it then.
    bool keeps_all() const { return fsync == "always" && !has_replica; }
  };

  // Starts everything. The folder must be there and empty; what the programs say is written there too. Throws
  // std::runtime_error where something does not start.
  Cluster(const Options& options, std::filesystem::path folder);

  // Where the nodes listen, all the time.
  const std::vector<std::uint16_t>& ports() const { return ports_; }
  Relay& relay(std::size_t node) { return relays_[node]; }

  // Killing is by SIGKILL; starting again waits until it answers. They throw std::runtime_error.
  void kill_node(std::size_t node) { nodes_[node].stop(SIGKILL); }
  void start_node(std::size_t node) { nodes_[node].start_on_its_port(); }
  void kill_redis() { redis_[master_].stop(SIGKILL); }
  void start_redis();

  // What the master says from now on does not come to its replica.
  void let_the_replica_lag() { replications_[master_].hold(); }
  // After kill_redis(): makes the replica the master, and leads the nodes there.
  void promote();
  // Makes who was the master before the replica, and waits until it has everything.
  void start_replica();

  // SIGTERM for the nodes. False where one has not ended well.
  bool stop_nodes();
  // All nodes and Redis anew, with what Redis has on its disk.
  void restart();

 private:
  void await_redis(std::size_t which);
  std::string ask(std::size_t which, std::initializer_list<std::string_view> command) const;

  std::deque<ServerProcess> redis_;  // one, or two
  std::deque<Relay> replications_;   // to each of them, for the other
  std::size_t master_ = 0;
  std::deque<Relay> relays_;  // a node's each
  std::deque<ServerProcess> nodes_;
  std::vector<std::uint16_t> ports_;
};

}  // namespace tidings::bench
