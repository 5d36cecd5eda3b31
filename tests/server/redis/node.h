// A node of a cluster, as verbs: an engine on a Redis.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "tidings/server/redis/redis_history.h"
#include "tidings/tests/server/history/keeper.h"

namespace tidings {

class Node final : public Keeper {
 public:
  explicit Node(const std::string& url, RedisHistory::Options with = {}) : options(std::move(with)) {
    options.url = url;
    options.beat_time = options.sweep_time = std::chrono::milliseconds(50);
    start();
  }

  void start() { engine = std::make_unique<RedisHistory>(options, RedisHistory::Surroundings{.seed = 1}); }

  History& history() override { return *engine; }
  void close() override { engine->close(); }

  RedisHistory::Options options;
  std::unique_ptr<RedisHistory> engine;
};

}  // namespace tidings
