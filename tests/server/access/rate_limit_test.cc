#include "tidings/server/access/rate_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "tidings/server/access/sip_hash.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class RateLimitTest : public testing::Test {
 protected:
  // How many of so many tries at once are let through.
  int taken(const std::string& client, int tries) { return taken(limit_, client, tries); }
  int taken(RateLimit& limit, const std::string& client, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limit.take(client, now_) ? 0 : 1;
    return taken;
  }

  Clock::Time now_{1h};
  RateLimit limit_{{.each = {.per_second = 2, .burst = 3}, .all = {.per_second = 10, .burst = 8}}};
  RateLimit each_{{.per_second = 2, .burst = 3}};
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

TEST_F(RateLimitTest, WithoutALimitForAllEachHasItsOwn) {
  for (int client = 0; client < 10'000; ++client) ASSERT_EQ(taken(each_, std::to_string(client), 5), 3) << client;
}

TEST_F(RateLimitTest, AsLongAsTheTableHasRoomNobodyIsForgotten) {
  for (int client = 0; client < 30'000; ++client) taken(each_, std::to_string(client), 3);
  for (int client = 0; client < 30'000; ++client) ASSERT_EQ(taken(each_, std::to_string(client), 1), 0) << client;
}

// Four times as many as have a place. Whoever comes has its burst; whoever has used up all of it stays known, since
// others have less to get back; and the memory is bounded.
TEST_F(RateLimitTest, WhateverAnAttackerSendsOthersHaveTheirShareAndTheMemoryIsBounded) {
  EXPECT_EQ(taken(each_, "busy", 10), 3);
  for (int client = 0; client < 1'000'000; ++client) {
    ASSERT_FALSE(each_.take("attacker " + std::to_string(client), now_)) << client;
  }
  EXPECT_EQ(taken(each_, "busy", 10), 0);
  EXPECT_EQ(taken(each_, "newcomer", 10), 3);
  EXPECT_EQ(each_.bytes(), std::size_t{4} << 20);
}

TEST_F(RateLimitTest, WhoseBurstIsWholeTakesNoMemory) {
  for (int client = 0; client < 100'000; ++client) {
    taken(limit_, std::to_string(client), 1);
    taken(each_, std::to_string(client), 1);
    now_ += 10ms;
  }
  EXPECT_LE(limit_.bytes(), 64u * 1024);  // of 10 a second each needs half a second to be whole again
  EXPECT_LE(each_.bytes(), 64u * 1024);   // and so of 100 a second
}

TEST_F(RateLimitTest, ARateThatLetsNobodyThroughIsRefused) {
  EXPECT_THROW(RateLimit({.each = {.per_second = 0, .burst = 1}}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.each = {.per_second = -1, .burst = 1}}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.all = {.per_second = 1, .burst = 0}}), std::invalid_argument);
  EXPECT_THROW(RateLimit(RateLimit::Rate{.per_second = 1, .burst = 0.5}), std::invalid_argument);
}

TEST(ClientOf, AnIpv6NetworkIsOneClientAndAnIpv4AddressIsItself) {
  EXPECT_EQ(client_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_of("unix"), "unix");
  EXPECT_EQ(client_of("2001:db8:1:2::1"), client_of("2001:db8:1:2:ffff::7"));
  EXPECT_NE(client_of("2001:db8:1:2::1"), client_of("2001:db8:1:3::1"));
  EXPECT_EQ(client_of("fe80::1%eth0"), client_of("fe80::2%eth1"));
  EXPECT_EQ(client_of("2001:db8:1:2::1", 48), client_of("2001:db8:1:3::1", 48)) << "a site has 16 bits of networks";
  EXPECT_NE(client_of("2001:db8:1:2::1", 48), client_of("2001:db8:2:2::1", 48));
}

// The paper's, and two of its reference implementation.
TEST(SipHash, ItIsTheOneOfThePaper) {
  constexpr SipKey kKey{.first = 0x0706050403020100, .second = 0x0f0e0d0c0b0a0908};
  std::string text;
  for (char c = 0; c < 15; ++c) text.push_back(c);
  EXPECT_EQ(sip_hash(kKey, text), 0xa129ca6149be45e5);
  EXPECT_EQ(sip_hash(kKey, ""), 0x726fdb47dd0e0e31);
  EXPECT_EQ(sip_hash(kKey, text.substr(0, 8)), 0x93f5f5799a932462);
}

}  // namespace
}  // namespace tidings
