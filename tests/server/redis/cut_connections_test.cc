// A node whose connections are cut in the middle of whatever Redis says, again and again: its followers have each event
// once and in order. A failure prints its seed; TIDINGS_SEED=N begins with that one, TIDINGS_ROUNDS=N makes so many.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tidings/tests/server/redis/cutting_proxy.h"
#include "tidings/tests/server/redis/node.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* const given = std::getenv(variable);
  return given ? std::strtoull(given, nullptr, 10) : otherwise;
}

TEST(CutConnections, LeaveNothingOutAndRepeatNothing) {
  const std::uint64_t first = number_of("TIDINGS_SEED", 1), rounds = number_of("TIDINGS_ROUNDS", 6);
  for (std::uint64_t seed = first; seed < first + rounds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("TIDINGS_SEED=" + std::to_string(seed));
    RedisServer redis;
    CuttingProxy proxy(redis.socket(), redis.folder() + "/proxy.sock", 20'000 + 10'000 * (seed % 5), seed);
    Node straight(redis.url()), cut(proxy.url());
    const auto on_straight = straight.follow("news"), on_cut = cut.follow("news");
    proxy.set_cutting(true);
    Follower::Lines all;
    for (int i = 0; i < 300; ++i) {
      all.push_back(std::to_string(i) + std::string(i % 50, 'x'));
      (i % 3 == 0 ? cut : straight).publish_in_time("news", all.back());
    }
    EXPECT_EQ(on_straight->wait_for(all.size()), all);
    EXPECT_EQ(on_cut->wait_for(all.size()), all);
  }
}

}  // namespace
}  // namespace tidings
