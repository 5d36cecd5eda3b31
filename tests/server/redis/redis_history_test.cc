// What the engine on Redis promises beside the contract of all (history_contract_test.cc), with a real redis-server:
// several nodes on one Redis, its limits, and what it forgets.
#include "tidings/server/redis/redis_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tidings/tests/server/redis/node.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

TEST(RedisHistory, WhatIsKeptIsSeenByAllNodesWithTheSameIds) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  EXPECT_EQ(on_a->extent(), on_b->extent());
  const Position one = a.publish("news", "one"), two = b.publish("news", "two");
  EXPECT_EQ(one, (Position{on_a->extent().epoch, 1}));
  EXPECT_EQ(two, (Position{one.epoch, 2}));
  for (const auto& follower : {on_a, on_b}) {
    EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"}));
    EXPECT_EQ(follower->extent(), (Extent{one.epoch, 1, 3}));
  }
  EXPECT_EQ(a.blocks("news"), Strings({"one", "two"}));
  EXPECT_EQ(b.blocks("news", 2), Strings({"two"}));
}

TEST(RedisHistory, FollowingANameKeepsNothingOfIt) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const Extent extent = a.extent("nobody");
  EXPECT_EQ(extent.first, 1u);
  EXPECT_EQ(extent.next, 1u);
  EXPECT_EQ(b.extent("nobody"), extent);
  EXPECT_EQ(b.read("nobody", 1)->records.size(), 0u);
  EXPECT_EQ(redis.say({"KEYS", "*"}), "tidings:server");
  const auto follower = a.follow("nobody");
  EXPECT_EQ(b.publish("nobody", "one"), (Position{extent.epoch, 1}));
  EXPECT_EQ(follower->wait_for(1), Strings({"one"})) << "and no gap";
}

TEST(RedisHistory, NodesOfAnotherPrefixOrDatabaseHaveOtherChannels) {
  RedisServer redis;
  Node a(redis.url()), other(redis.url(), {.prefix = "other:"}), database(redis.url() + "?db=1");
  const auto on_other = other.follow("news"), on_database = database.follow("news");
  a.publish("news", "one");
  EXPECT_EQ(other.publish("news", "x").sequence, 1u);
  EXPECT_EQ(database.publish("news", "y").sequence, 1u);
  EXPECT_EQ(on_other->wait_for(1), Strings({"x"}));
  EXPECT_EQ(on_database->wait_for(1), Strings({"y"}));
}

TEST(RedisHistory, ManyChannelsAreFollowedAtOnce) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  constexpr int kChannels = 2000;
  std::vector<std::shared_ptr<Follower>> followers;
  std::vector<std::future<History::Receipt>> receipts;
  for (int i = 0; i < kChannels; ++i) {
    const auto sink = std::make_shared<Follower>();
    b.history().open("c" + std::to_string(i), sink,
                     [sink](std::optional<Extent> extent) { sink->open(extent.value()); });
    followers.push_back(sink);
  }
  b.follow("last");  // whose opening comes behind theirs
  for (int i = 0; i < kChannels; ++i) receipts.push_back(a.hand_in("c" + std::to_string(i), std::to_string(i)));
  for (auto& receipt : receipts) EXPECT_EQ(receipt.get().outcome, Outcome::kKept);
  for (int i = 0; i < kChannels; ++i) ASSERT_EQ(followers[i]->wait_for(1), Strings({std::to_string(i)}));
}

TEST(RedisHistory, NodesThatPublishAtOnceGiveEachEventANumberOfItsOwnAndAllSeeOneOrder) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url()), c(redis.url());
  const auto on_a = a.follow("news"), on_c = c.follow("news");
  constexpr int kEach = 500;
  std::vector<std::future<History::Receipt>> receipts;
  for (int i = 0; i < kEach; ++i) {
    receipts.push_back(a.hand_in("news", "a" + std::to_string(i)));
    receipts.push_back(b.hand_in("news", "b" + std::to_string(i)));
  }
  std::vector<int> given(2 * kEach + 1);
  for (auto& receipt : receipts) ++given.at(receipt.get().at.sequence);
  EXPECT_EQ(std::count(given.begin() + 1, given.end(), 1), 2 * kEach);
  EXPECT_EQ(on_a->wait_for(2 * kEach), on_c->wait_for(2 * kEach));
  EXPECT_EQ(a.blocks("news"), on_a->lines());
}

TEST(RedisHistory, AChannelThatNobodyFollowsAnyMoreIsNotHeardAnyMore) {
  RedisServer redis;
  Node node(redis.url());
  node.follow("news");
  const auto stays = node.follow("weather");
  const auto begin = std::chrono::steady_clock::now();
  while (redis.say({"PUBSUB", "NUMSUB", "tidings:c:0:news"}) != "tidings:c:0:news 0") {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, kLongEnough);
  }
  EXPECT_EQ(redis.say({"PUBSUB", "NUMSUB", "tidings:c:0:weather"}), "tidings:c:0:weather 1");
  node.publish("news", "one");
  const auto again = node.follow("news");
  node.publish("news", "two");
  EXPECT_EQ(again->wait_for(1), Strings({"two"}));
}

// Reading.

TEST(RedisHistory, ARunEndsBeforeAnEventThatIsMissingAndTheNextBeginsBehindIt) {
  RedisServer redis;
  Node node(redis.url());
  Position at;
  for (const char* text : {"1", "2", "3", "4", "5"}) at = node.publish("news", text);
  ASSERT_EQ(redis.say({"XDEL", "tidings:s:news", std::to_string(at.epoch) + "-3"}), "1");
  EXPECT_EQ(node.blocks("news"), Strings({"1", "2"}));
  for (const std::uint64_t from : {3u, 4u}) {
    const auto run = node.read("news", from);
    EXPECT_EQ(run->begin.sequence, 4u);
    ASSERT_EQ(run->records.size(), 2u);
    EXPECT_EQ(run->records[0].at, run->begin);
    EXPECT_EQ(run->records[1].block, "5");
  }
}

TEST(RedisHistory, ARecordHasTheTimeOfRedis) {
  RedisServer redis;
  Node node(redis.url());
  const auto now = std::chrono::system_clock::now();
  node.publish("news", "one");
  const auto time = node.read("news", 1)->records.at(0).time;
  EXPECT_LT(std::chrono::abs(time - now), 10s);
}

TEST(RedisHistory, BeyondItsReadersARunIsRefusedAtOnce) {
  RedisServer redis;
  Node node(redis.url(), {.max_waiting_reads = 1});
  redis.pause();
  bool is_refused = false;
  std::promise<bool> first;
  node.history().read("news", 1, 1, [&](const auto& run) { first.set_value(run != nullptr); });
  node.history().read("news", 2, 1, [&](const auto& run) { is_refused = run == nullptr; });
  EXPECT_TRUE(is_refused);
  redis.go_on();
  EXPECT_TRUE(first.get_future().get());
}

// Limits: a 64th more may be kept.

TEST(RedisHistory, TheOldestGoBeyondTheCountAndAllNodesAreTold) {
  RedisServer redis;
  Node a(redis.url(), {.limits = {.max_events = 3}}), b(redis.url(), a.options);
  const auto follower = b.follow("news");
  for (const char* text : {"1", "2", "3", "4", "5"}) a.publish("news", text);
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 3; }));
  EXPECT_EQ(a.read("news", 2)->begin.sequence, 3u);
  EXPECT_EQ(a.blocks("news", 3), Strings({"3", "4", "5"}));
}

TEST(RedisHistory, TheOldGoWithTheNextEventAndNumbersGoOn) {
  RedisServer redis;
  Node node(redis.url(), {.limits = {.max_age = 1ms}});
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "1");
  const auto begin = std::chrono::system_clock::now();
  while (std::chrono::system_clock::now() < begin + 5ms) {
  }
  EXPECT_EQ(node.publish("news", "2"), (Position{one.epoch, 2}));
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first >= 2; }));
  EXPECT_EQ(follower->lines(), Strings({"1", "2"}));
}

TEST(RedisHistory, TheOldGoThoughNobodyPublishesAndNumbersGoOn) {
  RedisServer redis;
  Node node(redis.url(), {.limits = {.max_age = 1ms}});
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "1", "key");
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 2; }));
  EXPECT_EQ(redis.say({"XLEN", "tidings:s:news"}), "0");
  EXPECT_EQ(redis.say({"EXISTS", "tidings:k:news"}), "0");
  EXPECT_EQ(node.extent("news"), (Extent{one.epoch, 2, 2}));
  EXPECT_EQ(node.publish("news", "2"), (Position{one.epoch, 2}));
  EXPECT_EQ(follower->wait_for(2), Strings({"1", "2"}));
}

TEST(RedisHistory, ANameWithoutEventsIsForgottenInTheEndUnlessItIsFollowed) {
  RedisServer redis;
  Node node(redis.url(), {.limits = {.max_age = 1ms}, .grace = 2s});
  const auto follower = node.follow("followed");
  const Position one = node.publish("followed", "1");
  const Position gone = node.publish("quiet", "1");
  // The base may rise once in an hour.
  redis.say({"HSET", "tidings:server", "base", std::to_string(one.epoch - 2 * 3'600'000)});
  const auto begin = std::chrono::steady_clock::now();
  while (redis.say({"ZSCORE", "tidings:names", "quiet"}) != "nil") {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, kLongEnough);
  }
  EXPECT_EQ(redis.say({"EXISTS", "tidings:s:quiet", "tidings:k:quiet"}), "0");
  EXPECT_NE(node.publish("quiet", "2"), gone);
  EXPECT_EQ(node.publish("followed", "2"), (Position{one.epoch, 2}));
  EXPECT_EQ(follower->wait_for(2), Strings({"1", "2"}));
}

// Keys.

TEST(RedisHistory, AKeyIsKnownOnAllNodes) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto follower = b.follow("news");
  const Position one = a.publish("news", "one", "key");
  EXPECT_EQ(b.publish("news", "one", "key"), one);
  EXPECT_EQ(b.try_to_publish("news", "another", "key").outcome, Outcome::kKeyTaken);
  EXPECT_EQ(b.why(), History::kWhyKeyTaken);
  EXPECT_EQ(b.publish("weather", "rain", "key").sequence, 1u) << "it is its channel's own";
  EXPECT_EQ(follower->lines(), Strings({"one"}));
}

// While the engine calls back, it takes in nothing: so all of these go to Redis together.
TEST(RedisHistory, WhatIsHandedInTogetherIsAnsweredOneByOneAndSeenByAllOnceAndInOrder) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  const Position before = a.publish("news", "before", "key of before");
  std::vector<std::future<History::Receipt>> receipts;
  std::promise<void> are_handed_in;
  a.history().append("weather", "rain", {}, [&](const auto&) {
    receipts.push_back(a.hand_in("news", "before", "key of before"));
    receipts.push_back(a.hand_in("news", "", "key of nothing"));
    for (int i = 0; i < 500; ++i) receipts.push_back(a.hand_in("news", "event\n" + std::to_string(i)));
    receipts.push_back(a.hand_in("news", "another", "key of nothing"));
    receipts.push_back(a.hand_in("news", "", "key of nothing"));
    are_handed_in.set_value();
  });
  are_handed_in.get_future().get();
  std::vector<History::Receipt> got;
  for (auto& receipt : receipts) got.push_back(receipt.get());

  EXPECT_EQ(got[0].at, before);
  Strings expected = {"before", ""};
  for (std::uint64_t i = 0; i <= 500; ++i) {
    EXPECT_EQ(got[1 + i].at, (Position{before.epoch, 2 + i}));
    if (i < 500) expected.push_back("event\n" + std::to_string(i));
  }
  EXPECT_EQ(got[502].outcome, Outcome::kKeyTaken);
  EXPECT_EQ(got[503].at, got[1].at);
  for (const auto& follower : {on_a, on_b}) EXPECT_EQ(follower->wait_for(expected.size()), expected);
  EXPECT_EQ(b.blocks("news"), expected);
  EXPECT_EQ(a.publish("news", "after").sequence, 503u);
}

TEST(RedisHistory, MuchThatIsHandedInBeforeItsChannelIsHeardIsSeenByAllOnceAndInOrder) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto on_a = std::make_shared<Follower>(), on_b = b.follow("news");
  std::vector<std::future<History::Receipt>> receipts;
  std::promise<void> are_handed_in;
  Strings expected;
  a.history().append("weather", "rain", {}, [&](const auto&) {
    a.history().open("news", on_a, [&](std::optional<Extent> extent) { on_a->open(*extent); });
    for (int i = 0; i < 1000; ++i) {
      expected.push_back(std::to_string(1'000'000 + i) + std::string(1000, 'x'));
      receipts.push_back(a.hand_in("news", expected.back()));
    }
    are_handed_in.set_value();
  });
  are_handed_in.get_future().get();
  for (std::uint64_t i = 0; i < receipts.size(); ++i) EXPECT_EQ(receipts[i].get().at.sequence, i + 1);
  for (const auto& follower : {on_a, on_b}) EXPECT_EQ(follower->wait_for(expected.size()), expected);
}

TEST(RedisHistory, OfWhatIsHandedInTogetherBeyondTheCountAllAreSeenAndTheOldestDropped) {
  RedisServer redis;
  Node a(redis.url(), {.limits = {.max_events = 10}}), b(redis.url(), {.limits = {.max_events = 10}});
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  a.publish("news", "first");
  std::promise<std::future<History::Receipt>> last;
  a.history().append("weather", "rain", {}, [&](const auto&) {
    for (int i = 0; i < 99; ++i) a.hand_in("news", std::to_string(i));
    last.set_value(a.hand_in("news", "last"));
  });
  EXPECT_EQ(last.get_future().get().get().at.sequence, 101u);
  for (const auto& follower : {on_a, on_b}) {
    EXPECT_EQ(follower->wait_for(101).back(), "last");
    EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 92; }));
  }
  EXPECT_EQ(b.blocks("news").size(), 10u);
}

// Clearing and listing.

TEST(RedisHistory, WhatIsClearedIsGoneForAllNodesAndNumbersGoOnBehindIt) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  for (const char* key : {"1", "2", "3"}) a.publish("news", key, key);
  EXPECT_EQ(b.clear("news"), History::Cleared::kCleared);
  EXPECT_EQ(b.clear("news"), History::Cleared::kNothing);
  EXPECT_EQ(b.clear("never"), History::Cleared::kNothing);
  for (const auto& follower : {on_a, on_b}) {
    EXPECT_EQ(follower->wait_for(4), Strings({"1", "2", "3", "gap"}));
    EXPECT_EQ(follower->extent(), (Extent{on_b->extent().epoch, 5, 5}));
  }
  EXPECT_EQ(a.blocks("news"), Strings());
  EXPECT_EQ(a.publish("news", "1", "1").sequence, 5u) << "the keys are gone with their events";
  EXPECT_EQ(on_b->wait_for(5).back(), "1");
  EXPECT_EQ(Node(redis.url()).extent("news"), (Extent{on_b->extent().epoch, 5, 6}));
}

TEST(RedisHistory, AListLeavesOutWhatHasNoEventsOfOursAndGoesOnBehindIt) {
  RedisServer redis;
  Node node(redis.url());
  for (const char* name : {"a", "b", "c", "d"}) node.publish(name, "x");
  redis.say({"DEL", "tidings:s:a"});
  redis.say({"SET", "tidings:s:b", "foreign"});
  const auto listed = node.list("", 2);
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ(listed->at(0).name + listed->at(1).name, "cd");
}

// Bounds, and the end.

TEST(RedisHistory, BeyondItsBytesItIsBusyAndSaysSoAtOnce) {
  RedisServer redis;
  Node node(redis.url(), {.max_waiting_bytes = 2000});
  redis.pause();
  std::vector<std::future<History::Receipt>> receipts;
  for (int count = 0; count < 10; ++count) receipts.push_back(node.hand_in("news", std::string(500, 'x')));
  ASSERT_EQ(receipts.back().wait_for(0s), std::future_status::ready);
  EXPECT_EQ(receipts.back().get().outcome, Outcome::kBusy);
  EXPECT_EQ(receipts.front().wait_for(0s), std::future_status::timeout);
  redis.go_on();
  EXPECT_EQ(receipts.front().get().outcome, Outcome::kKept);
  EXPECT_GT(node.publish("news", "later").sequence, 1u);
}

TEST(RedisHistory, AnEventOver16MiBIsRefused) {
  RedisServer redis;
  Node node(redis.url());
  EXPECT_EQ(node.try_to_publish("news", std::string((16 << 20) + 1, 'x')).outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "An event may have 16 MiB at most in Redis");
}

TEST(RedisHistory, BeyondTheNamesThatMayWaitOpeningIsRefusedAtOnce) {
  RedisServer redis;
  Node node(redis.url(), {.max_waiting_openings = 2});
  redis.pause();
  int refused = 0;
  std::promise<void> opened;
  std::atomic<int> count = 0;
  for (const char* name : {"a", "b", "c"}) {
    node.history().open(name, {}, [&](const auto& extent) {
      if (!extent) ++refused;
      if (extent && ++count == 2) opened.set_value();
    });
  }
  EXPECT_EQ(refused, 1);
  redis.go_on();
  EXPECT_EQ(opened.get_future().wait_for(kLongEnough), std::future_status::ready);
}

TEST(RedisHistory, AtTheCloseOfOneWhoseRedisIsStillEverybodyIsAnswered) {
  RedisServer redis;
  Node node(redis.url(), {.answer_time = 300ms});
  redis.pause();
  auto append = node.hand_in("news", "one");
  std::promise<bool> read, opened;
  node.history().read("news", 1, 1, [&](const auto& run) { read.set_value(run != nullptr); });
  node.history().open("news", {}, [&](const auto& extent) { opened.set_value(extent.has_value()); });
  node.close();
  EXPECT_EQ(append.get().outcome, Outcome::kFailed);
  EXPECT_FALSE(read.get_future().get());
  EXPECT_FALSE(opened.get_future().get());
}

}  // namespace
}  // namespace tidings
