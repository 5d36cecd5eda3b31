// A redis-server that has a replica. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {

class RedisPair {
 public:
  explicit RedisPair(std::vector<std::string> arguments = {})
      : master(arguments), replica(arguments), port(master.listen_on_a_port()) {
    replica.listen_on_a_port();
    join();
  }

  // The replica has what its master has, and follows it.
  void join() {
    replica.say({"REPLICAOF", "127.0.0.1", std::to_string(port)});
    const auto begin = std::chrono::steady_clock::now();
    while (replica.say({"ROLE"}).find(" connected ") == std::string::npos ||
           master.say({"INFO", "replication"}).find("state=online") == std::string::npos) {
      if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(20)) {
        throw std::runtime_error("the replica does not come");
      }
    }
  }
  // From now on the replica is a master, and lags behind what its master is told.
  void part() { replica.say({"REPLICAOF", "NO", "ONE"}); }

  RedisServer master, replica;
  const std::uint16_t port;  // the master's
};

}  // namespace tidings
