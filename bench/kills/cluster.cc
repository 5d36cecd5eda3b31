#include "tidings/bench/kills/cluster.h"

#include <exception>
#include <stdexcept>

#include "tidings/bench/kills/wait_until.h"
#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/redis_client.h"

namespace tidings::bench {
namespace {

constexpr const char *kProgram = "server/server", *kRedis = "bench/rivals/redis.sh";

// A program whose stderr goes to a file.
std::vector<std::string> logged(const std::filesystem::path& log, const std::vector<std::string>& command) {
  std::vector<std::string> all{"-c", "log=$1; shift; exec \"$@\" 2>> \"$log\"", "bash", log.string()};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

std::vector<std::string> node(std::uint16_t redis) {
  return {kProgram,
          "--port",
          "0",
          "--redis",
          "redis://127.0.0.1:" + std::to_string(redis),
          "--publish_token",
          kPublishToken,
          "--shutdown_delay_s",
          "0",
          "--log_level",
          "info",
          "--history_events",
          "1000000"};
}

}  // namespace

Cluster::Cluster(const Options& options, std::filesystem::path folder) {
  const std::size_t masters = options.has_replica ? 2 : 1;
  for (std::size_t which = 0; which < masters; ++which) {
    const std::filesystem::path own = folder / ("redis" + std::to_string(which));
    std::filesystem::create_directory(own);
    redis_.emplace_back("/bin/bash", std::vector<std::string>{kRedis, own.string(), options.fsync, "--port", "0"});
    await_redis(which);
    replications_.emplace_back(redis_[which].port());
  }
  if (options.has_replica) start_replica();
  for (std::size_t number = 0; number < options.nodes; ++number) {
    relays_.emplace_back(redis_[master_].port());
    nodes_.emplace_back("/bin/bash",
                        logged(folder / ("node" + std::to_string(number) + ".log"), node(relays_.back().port())));
    ports_.push_back(nodes_.back().port());
  }
}

void Cluster::start_redis() {
  redis_[master_].start_on_its_port();
  await_redis(master_);
}

void Cluster::promote() {
  replications_[master_].cut();
  master_ = 1 - master_;
  ask(master_, {"REPLICAOF", "NO", "ONE"});
  for (Relay& each : relays_) each.lead_to(redis_[master_].port());
}

void Cluster::start_replica() {
  const std::size_t replica = 1 - master_;
  if (redis_[replica].process() <= 0) {
    redis_[replica].start_on_its_port();
    await_redis(replica);
  }
  ask(replica, {"REPLICAOF", "127.0.0.1", std::to_string(replications_[master_].port())});
  const auto follows = [&] {
    return ask(replica, {"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  };
  if (!wait_until(follows)) throw std::runtime_error("A replica of Redis does not get what its master has.");
}

bool Cluster::stop_nodes() {
  bool is_well = true;
  for (ServerProcess& each : nodes_) is_well = each.stop(SIGTERM) && is_well;
  return is_well;
}

void Cluster::restart() {
  for (ServerProcess& each : nodes_) each.stop(SIGKILL);
  kill_redis();
  start_redis();
  for (ServerProcess& each : nodes_) each.start_on_its_port();
}

// It says where it is before it listens, and refuses everything until it has read its log.
void Cluster::await_redis(std::size_t which) {
  const auto answers = [&] {
    try {
      return ask(which, {"PING"}) == "PONG";
    } catch (const std::exception&) {
      return false;
    }
  };
  if (!wait_until(answers)) throw std::runtime_error("Redis does not answer: is redis-server installed?");
}

std::string Cluster::ask(std::size_t which, std::initializer_list<std::string_view> command) const {
  return RedisClient(redis_[which].port()).ask(command);
}

}  // namespace tidings::bench
