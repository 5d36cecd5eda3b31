// The servers that the benchmark compares: what each can do, and how it is started.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tidings/bench/load/publisher.h"
#include "tidings/bench/rivals/server_process.h"
#include "tidings/bench/rivals/veth.h"

namespace tidings::bench {

struct Contender {
  std::string name;                     // as --servers takes it
  std::string title;                    // as the table shows it
  std::string serves_on;                // the threads that do the work; contenders with as many can be compared
  std::vector<std::string> flags = {};  // of its program, where contenders share one
  // Where its subscribers follow what is published by POST /channels/load.
  std::string target = "/channels/load";
  bool has_clock = false;       // each client of GET /events gets a tick at each whole second, its number as the id
  bool keeps_history = false;   // subscribers with a last event id get what they have missed
  std::string durability = {};  // what its answer to a publisher means; empty where it keeps events in memory
  bool has_redis = false;       // keeps events in a Redis of its own, which other nodes may share
  Publisher::Protocol protocol = Publisher::Protocol::kHttp;

  bool has_streams() const { return protocol == Publisher::Protocol::kHttp; }
  bool is_ours() const { return name.starts_with("ours"); }
  bool is_floor() const { return name.starts_with("floor"); }
};

class Contenders {
 public:
  // Programs are found beside this one in Bazel's output tree. Makes a folder for what has to be built. With `veth`,
  // which outlives this object, the servers are in its namespace.
  explicit Contenders(const Veth* veth = nullptr);
  Contenders(const Contenders&) = delete;
  Contenders& operator=(const Contenders&) = delete;
  ~Contenders();  // removes it

  static const std::vector<Contender>& all();

  // Builds or installs what the contender needs, the first time. Empty, or the sentence that says why it can't take
  // part.
  const std::string& prepare(const Contender& contender);

  // Starts it and waits until it answers. After prepare(). The flags are for //server alone. Throws std::runtime_error.
  std::unique_ptr<ServerProcess> start(const Contender& contender, const std::vector<std::string>& flags);
  // Starts another node, which shares the Redis of the first one, and lives as long.
  ServerProcess& start_another(const Contender& contender, ServerProcess& first);
  // The Redis of such a node.
  static ServerProcess& redis_of(const ServerProcess& node) { return *node.others().front(); }
  // CPU time of what is between servers and clients, where it has a thread of its own.
  std::chrono::nanoseconds network_cpu() const;

 private:
  std::string try_to_prepare(const Contender& contender) const;
  // `redis` is the port of the one that the contender has, if it has one.
  std::unique_ptr<ServerProcess> start_node(const Contender& contender, const std::vector<std::string>& flags,
                                            std::uint16_t redis);
  std::unique_ptr<ServerProcess> start_redis(const std::string& fsync);
  std::unique_ptr<ServerProcess> run(std::filesystem::path program, std::vector<std::string> arguments,
                                     const std::filesystem::path& folder);

  const Veth* const veth_;
  std::filesystem::path programs_, rivals_, scratch_;
  std::map<std::string, std::string> prepared_;  // by name: what prepare() says
  int folders_ = 0;                              // of nginx, so far
};

}  // namespace tidings::bench
