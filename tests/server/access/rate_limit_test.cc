#include "tidings/server/access/rate_limit.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace tidings {
namespace {

using namespace std::chrono_literals;

class RateLimitTest : public testing::Test {
 protected:
  // How many of so many tries at once are let through.
  int taken(const std::string& address, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limit_.take(address, now_) ? 0 : 1;
    return taken;
  }

  Clock::Time now_{1h};
  RateLimit limit_{{.each = {.per_second = 2, .burst = 3}, .all = {.per_second = 10, .burst = 8}}};
};

TEST_F(RateLimitTest, AClientHasItsBurstAndThenItsRate) {
  EXPECT_EQ(taken("a", 10), 3);
  EXPECT_EQ(limit_.take("a", now_), 500ms);
  now_ += 499ms;
  EXPECT_EQ(limit_.take("a", now_), 1ms);
  now_ += 1ms;
  EXPECT_EQ(taken("a", 10), 1);
  now_ += 1h;
  EXPECT_EQ(taken("a", 10), 3);
}

TEST_F(RateLimitTest, OneClientDoesNotTakeAnothersShare) {
  EXPECT_EQ(taken("a", 1000), 3);
  EXPECT_EQ(taken("b", 10), 3);
}

TEST_F(RateLimitTest, AllTogetherHaveABurstAndARateToo) {
  int taken_by_all = 0;
  for (int client = 0; client < 20; ++client) taken_by_all += taken(std::to_string(client), 1);
  EXPECT_EQ(taken_by_all, 8);
  EXPECT_EQ(limit_.take("another", now_), 100ms);
  now_ += 100ms;
  EXPECT_EQ(taken("another", 2), 1);
}

TEST_F(RateLimitTest, TheAddressesOfAnIpv6NetworkAreOneClient) {
  EXPECT_EQ(taken("2001:db8:1:2::1", 2), 2);
  EXPECT_EQ(taken("2001:db8:1:2:ffff::7", 2), 1);
  EXPECT_EQ(taken("2001:db8:1:3::1", 2), 0) << "a site has 16 bits of networks";
  EXPECT_EQ(taken("2001:db8:2:2::1", 2), 2);
}

TEST_F(RateLimitTest, WhatIsRememberedIsBoundedByWhatAllMayDo) {
  std::size_t most = 0;
  for (int client = 0; client < 100'000; ++client) {
    taken(std::to_string(client), 1);
    now_ += 10ms;
    most = std::max(most, limit_.size());
  }
  EXPECT_LE(most, 64u);  // of 10 a second each needs half a second to be whole again
}

TEST_F(RateLimitTest, ARateThatLetsNobodyThroughIsRefused) {
  EXPECT_THROW(RateLimit({.each = {.per_second = 0, .burst = 1}}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.each = {.per_second = -1, .burst = 1}}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.all = {.per_second = 1, .burst = 0}}), std::invalid_argument);
}

}  // namespace
}  // namespace tidings
