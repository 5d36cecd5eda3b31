// What becomes of followers and publishers when something happens to Redis: each event comes once and in order, or
// followers are told a gap.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tidings/server/redis/redis_history.h"
#include "tidings/tests/server/redis/node.h"
#include "tidings/tests/server/redis/redis_pair.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

const std::vector<std::string> kKeepsAll = {"--appendonly", "yes", "--appendfsync", "always"};

// Why a node can't be made.
std::string refusal(const std::string& url, RedisHistory::Options options = {}) {
  try {
    Node node(url, std::move(options));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "it is made";
}

void kill_connections(RedisServer& redis) {
  redis.say({"CLIENT", "KILL", "TYPE", "pubsub"});
  redis.say({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
}

// A Redis behind an address that can turn to another one, as a name or a proxy does, or to none: a link to its socket.
class Address {
 public:
  explicit Address(const RedisServer& redis) : path_(redis.folder() + "/address") { turn_to(redis); }
  ~Address() { turn_away(); }

  void turn_to(const RedisServer& redis) {
    turn_away();
    std::filesystem::create_symlink(redis.socket(), path_);
  }
  void turn_away() { std::filesystem::remove(path_); }
  std::string url() const { return "unix:" + path_; }

 private:
  const std::string path_;
};

// The connection.

TEST(RedisTrouble, WhatIsPublishedWhileTheConnectionIsLostComesAllTheSame) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto follower = a.follow("news");
  Strings all;
  for (int round = 0; round < 20; ++round) {
    kill_connections(redis);
    for (int i = 0; i < 5; ++i) {
      all.push_back(std::to_string(round) + '.' + std::to_string(i));
      b.publish_in_time("news", all.back());
    }
  }
  EXPECT_EQ(follower->wait_for(all.size()), all);
}

TEST(RedisTrouble, OneOfTheTwoConnectionsIsKilledAgainAndAgain) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto follower = a.follow("news");
  std::mt19937 random(1);
  Strings all;
  for (int i = 0; i < 200; ++i) {
    if (random() % 10 == 0) redis.say({"CLIENT", "KILL", "TYPE", random() % 2 == 0 ? "pubsub" : "normal"});
    all.push_back(std::to_string(i));
    b.publish_in_time("news", all.back());
  }
  EXPECT_EQ(follower->wait_for(all.size()), all);
}

TEST(RedisTrouble, WhileItIsAwayPublishingIsRefusedAtOnceAndOpeningWaits) {
  RedisServer redis(kKeepsAll);
  Node node(redis.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  EXPECT_FALSE(node.history().trouble().has_value());
  redis.kill();
  ASSERT_TRUE(node.wait_for_trouble(true));
  EXPECT_EQ(node.history().trouble(), "Redis can't be reached at the moment");
  auto receipt = node.hand_in("news", "two");
  ASSERT_EQ(receipt.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(receipt.get().outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "Redis can't be reached at the moment");
  EXPECT_EQ(node.read("news", 1), nullptr);
  EXPECT_EQ(node.clear("news"), History::Cleared::kFailed);
  EXPECT_FALSE(node.list().has_value());
  EXPECT_EQ(node.extent("news"), (Extent{one.epoch, 1, 2})) << "what is known here is there for whoever opens it here";
  const auto other = std::make_shared<Follower>();
  std::promise<Extent> opened;
  node.history().open("other", other, [&](std::optional<Extent> extent) { opened.set_value(extent.value()); });
  redis.start();
  EXPECT_EQ(opened.get_future().get(), (Extent{one.epoch, 1, 1}));
  ASSERT_TRUE(node.wait_for_trouble(false));
  EXPECT_EQ(node.publish("news", "three"), (Position{one.epoch, 2}));
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "three"})) << "and no gap";
}

TEST(RedisTrouble, OneThatStandsStillIsGivenUpAndItsAppendsAreRefused) {
  RedisServer redis;
  Node node(redis.url(), {.answer_time = 200ms});
  const auto follower = node.follow("news");
  redis.pause();
  EXPECT_EQ(node.try_to_publish("news", "one").outcome, Outcome::kFailed);
  EXPECT_TRUE(node.wait_for_trouble(true));
  redis.go_on();
  EXPECT_TRUE(node.wait_for_trouble(false));
  // The first one may be there, as a receipt of this kind says.
  node.publish("news", "two");
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return !lines.empty() && lines.back() == "two"; }));
}

// What Redis has kept, or not.

TEST(RedisTrouble, ARestartThatKeepsAllIsNoGap) {
  RedisServer redis(kKeepsAll);
  Node a(redis.url()), b(redis.url());
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  Strings all;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 20; ++i) {
      all.push_back(std::to_string(round) + '.' + std::to_string(i));
      (i % 2 == 0 ? a : b).publish_in_time("news", all.back());
    }
    redis.kill();
    redis.start();
  }
  a.publish_in_time("news", "last");
  all.push_back("last");
  EXPECT_EQ(on_a->wait_for(all.size()), all);
  EXPECT_EQ(on_b->wait_for(all.size()), all);
}

TEST(RedisTrouble, ANodeThatMissesARunTakesNothingForLost) {
  RedisServer redis(kKeepsAll);
  Address address(redis);
  Node a(address.url()), b(redis.url());
  const auto follower = a.follow("news");
  a.publish("news", "one");
  address.turn_away();
  redis.kill();
  redis.start();
  b.publish_in_time("news", "two");
  b.engine.reset();
  redis.kill();
  redis.start();
  address.turn_to(redis);  // who comes first now has seen the run before the last one
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"})) << "and no gap";
}

TEST(RedisTrouble, AKeyHoldsOverARestart) {
  RedisServer redis(kKeepsAll);
  Node node(redis.url());
  const Position one = node.publish("news", "one", "key");
  redis.kill();
  redis.start();
  ASSERT_TRUE(node.wait_for_trouble(false));
  EXPECT_EQ(node.publish_in_time("news", "two").sequence, 2u);
  EXPECT_EQ(node.publish("news", "one", "key"), one);
}

struct Loss {
  const char* name;
  void (*happen)(RedisServer& redis);
};

class RedisLoss : public ::testing::TestWithParam<Loss> {};

// Two nodes, a follower on each, and an event before and after. Ids that were given out are not given out again.
TEST_P(RedisLoss, IsAGapOnAllNodesAndThenItGoesOn) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  const auto on_a = a.follow("news"), on_b = b.follow("news");
  Position last;
  for (const char* text : {"1", "2", "3"}) last = a.publish("news", text);
  for (const auto& follower : {on_a, on_b}) ASSERT_EQ(follower->wait_for(3).size(), 3u);
  GetParam().happen(redis);
  const Position next = b.publish_in_time("news", "next");
  EXPECT_GT(next.epoch, last.epoch);
  EXPECT_EQ(a.publish_in_time("news", "one more"), (Position{next.epoch, next.sequence + 1}));
  for (const auto& follower : {on_a, on_b}) {
    ASSERT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "one more"; }));
    const Strings lines = follower->lines();
    EXPECT_EQ(lines[3], "gap");
    EXPECT_EQ(follower->extent().epoch, next.epoch);
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, RedisLoss,
                         ::testing::Values(Loss{"OfAllByARestart",
                                                [](RedisServer& redis) {
                                                  redis.kill();
                                                  redis.start();
                                                }},
                                           Loss{"OfAllByFlushall", [](RedisServer& redis) { redis.say({"FLUSHALL"}); }},
                                           Loss{"OfTheStream",
                                                [](RedisServer& redis) {
                                                  redis.say({"DEL", "tidings:s:news"});
                                                }},
                                           Loss{"OfTheStreamAndItsName",
                                                [](RedisServer& redis) {
                                                  redis.say({"DEL", "tidings:s:news", "tidings:names"});
                                                }},
                                           Loss{"OfOurHash",
                                                [](RedisServer& redis) {
                                                  redis.say({"DEL", "tidings:server"});
                                                }},
                                           Loss{"OfTheStreamWhileNobodyIsConnected",
                                                [](RedisServer& redis) {
                                                  redis.say({"DEL", "tidings:s:news"});
                                                  kill_connections(redis);
                                                }}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(RedisTrouble, AfterARestartWithoutTheNewestAllChannelsBeginAnotherEpochWithWhatIsLeft) {
  RedisServer redis;
  Node node(redis.url());
  const Position one = node.publish("news", "1");
  node.publish("weather", "rain");
  redis.say({"SAVE"});
  const auto follower = node.follow("news");
  node.publish("news", "2");
  redis.kill();
  redis.start();
  const Position next = node.publish_in_time("news", "next");
  EXPECT_GT(next.epoch, one.epoch);
  EXPECT_EQ(next.sequence, 2u);
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "next"; }));
  EXPECT_EQ(follower->lines(), Strings({"2", "gap", "next"}));
  EXPECT_EQ(node.blocks("news"), Strings({"1", "next"})) << "what is left belongs to the epoch";
  EXPECT_EQ(node.blocks("news", 2), Strings({"next"}));
  EXPECT_EQ(node.extent("weather").epoch, next.epoch);
  EXPECT_EQ(node.publish("weather", "sun").sequence, 2u);
}

// Redis puts off writing while it syncs, and answers all the same.
TEST(RedisTrouble, ARestartOfOneThatSyncsOnceASecondIsAGap) {
  RedisServer redis({"--appendonly", "yes", "--appendfsync", "everysec"});
  Node node(redis.url());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  redis.kill();
  redis.start();
  node.publish_in_time("news", "two");
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "two"; }));
  EXPECT_EQ(follower->lines(), Strings({"one", "gap", "two"}));
}

TEST(RedisTrouble, AKeyOfSeveralEpochsIsFound) {
  RedisServer redis;
  Node node(redis.url());
  const Position one = node.publish("news", "1", "first");
  node.publish("news", "2");
  redis.say({"SAVE"});
  for (int round = 0; round < 3; ++round) {
    redis.kill();
    redis.start();
    node.publish_in_time("news", "more " + std::to_string(round));
    redis.say({"SAVE"});
  }
  EXPECT_EQ(node.publish("news", "1", "first").sequence, 1u);
  EXPECT_GT(node.publish("news", "1", "first").epoch, one.epoch);
  EXPECT_EQ(node.try_to_publish("news", "another", "first").outcome, Outcome::kKeyTaken);
  EXPECT_EQ(node.blocks("news").size(), 5u);
  EXPECT_EQ(node.blocks("news", 3).size(), 3u);
}

TEST(RedisTrouble, WhatIsTrimmedFromOutsideBeforeANodeHasItIsAGap) {
  RedisServer redis;
  Address address(redis);
  Node node(address.url());
  const auto follower = node.follow("news");
  node.publish("news", "1");
  address.turn_away();
  kill_connections(redis);
  ASSERT_TRUE(node.wait_for_trouble(true));
  const std::string id = std::to_string(follower->extent().epoch) + "-*";
  for (int i = 0; i < 5; ++i)
    redis.say({"XADD", "tidings:s:news", id, "b", "from outside", "t", "9999999999999", "n", "9"});
  redis.say({"XTRIM", "tidings:s:news", "MAXLEN", "2"});
  address.turn_to(redis);
  EXPECT_EQ(follower->wait_for(4), Strings({"1", "gap", "from outside", "from outside"}));
  EXPECT_EQ(follower->extent().next, 7u);
}

TEST(RedisTrouble, ANodeThatKnowsMoreThanRedisMakesItBeginAnotherEpoch) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  Position last;
  for (const char* text : {"1", "2", "3"}) last = node.publish("news", text);
  // An older state of the stream, as an operator may put back.
  const std::string epoch = std::to_string(last.epoch);
  redis.say({"DEL", "tidings:s:news"});
  redis.say({"XADD", "tidings:s:news", epoch + "-1", "b", "1", "t", "9999999999999", "n", "1"});
  const Position next = node.publish_in_time("news", "next");
  EXPECT_GT(next.epoch, last.epoch);
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "next"; }));
  EXPECT_EQ(follower->lines(), Strings({"1", "2", "3", "gap", "next"}));
  EXPECT_EQ(node.blocks("news"), Strings({"1", "next"}));
}

// Replicas.

TEST(RedisTrouble, AReplicaThatLagsAndIsPromotedIsAGapAndNoIdIsGivenTwice) {
  for (const auto& arguments : {std::vector<std::string>(), kKeepsAll}) {
    RedisPair pair(arguments);
    Address address(pair.master);
    Node a(address.url(), {.wait_replicas = 1}), b(address.url());
    const auto follower = b.follow("news");
    a.publish("news", "1");
    // The replica misses the next one.
    pair.part();
    const Position lost = b.publish("news", "2");
    ASSERT_EQ(follower->wait_for(2).size(), 2u);
    address.turn_to(pair.replica);
    pair.master.kill();
    const Position next = b.publish_in_time("news", "next");
    EXPECT_GT(next.epoch, lost.epoch);
    EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "next"; }));
    EXPECT_EQ(follower->lines(), Strings({"1", "2", "gap", "next"}));
  }
}

TEST(RedisTrouble, AMasterThatBecomesAReplicaIsLeftAndNoReplicaIsTaken) {
  RedisPair pair;
  EXPECT_NE(refusal(pair.replica.url()).find("is a replica"), std::string::npos);
  Node node(pair.master.url());
  pair.master.say({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_TRUE(node.wait_for_trouble(true));
  pair.master.say({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(node.wait_for_trouble(false));
}

TEST(RedisTrouble, AFailoverAndBackIsAGapAndThenItGoesOn) {
  RedisPair pair(kKeepsAll);
  Address address(pair.master);
  Node node(address.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  ASSERT_EQ(pair.master.say({"FAILOVER"}), "OK");
  EXPECT_TRUE(node.wait_for_trouble(true));
  address.turn_to(pair.replica);
  const Position two = node.publish_in_time("news", "two");
  EXPECT_GT(two.epoch, one.epoch);
  EXPECT_EQ(follower->wait_for(3), Strings({"one", "gap", "two"}));
}

TEST(RedisTrouble, WithoutReplicasManyAppendsAreRefusedOneWaitAfterTheOther) {
  RedisServer redis;
  Node node(redis.url(), {.wait_replicas = 1, .wait_time = 300ms, .answer_time = 2s});
  std::vector<std::future<History::Receipt>> receipts;
  // Each in a turn of its own: a wait for each would take longer than an answer may.
  for (int i = 0; i < 20; ++i) {
    receipts.push_back(node.hand_in("news", std::to_string(i)));
    while (redis.say({"XLEN", "tidings:s:news"}) == "0") {
    }
    std::this_thread::yield();
  }
  for (auto& receipt : receipts) {
    EXPECT_EQ(receipt.get().outcome, Outcome::kFailed);
    EXPECT_EQ(node.why(), "Not as many replicas of Redis have it as are wanted");
  }
  EXPECT_FALSE(node.history().trouble().has_value()) << "the connection was never lost";
}

TEST(RedisTrouble, AnEventIsAcknowledgedOnceSoManyReplicasHaveIt) {
  RedisPair pair;
  Node node(pair.master.url(), {.wait_replicas = 1, .wait_time = 1s});
  const auto follower = node.follow("news");
  node.publish("news", "one");
  EXPECT_EQ(pair.replica.say({"XLEN", "tidings:s:news"}), "1");
  pair.replica.kill();
  EXPECT_EQ(node.try_to_publish("news", "two").outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "Not as many replicas of Redis have it as are wanted");
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"})) << "it is there all the same, and may be lost with Redis";
}

// What Redis refuses.

TEST(RedisTrouble, AKeyOfSomebodyElseIsTroubleForItsChannelAlone) {
  RedisServer redis;
  redis.say({"SET", "tidings:s:news", "foreign"});
  Node node(redis.url());
  EXPECT_EQ(node.try_to_publish("news", "one").outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "Redis has something else where the events of this channel would be");
  EXPECT_EQ(node.try_to_follow("news"), nullptr);
  EXPECT_EQ(node.read("news", 1), nullptr);
  EXPECT_EQ(node.clear("news"), History::Cleared::kFailed);
  EXPECT_FALSE(node.history().trouble().has_value());
  EXPECT_EQ(node.publish("weather", "rain").sequence, 1u);
  EXPECT_EQ(redis.say({"GET", "tidings:s:news"}), "foreign");
}

TEST(RedisTrouble, EntriesOfSomebodyElseInOurStreamsHarmTheirChannelAlone) {
  RedisServer redis;
  redis.say({"XADD", "tidings:s:ids", "18446744073709551615-18446744073709551615", "b", "x"});
  redis.say({"XADD", "tidings:s:times", "1-1", "b", "x", "t", "soon", "n", "many"});
  redis.say({"XADD", "tidings:s:fields", "1-1", "some", "thing"});
  for (const char* name : {"ids", "times", "fields"}) redis.say({"ZADD", "tidings:names", "0", name});
  Node node(redis.url());
  for (const char* name : {"ids", "times"}) {
    EXPECT_EQ(node.try_to_publish(name, "one").outcome, Outcome::kFailed);
    node.read(name, 1);
    EXPECT_EQ(node.try_to_publish(name, "two").outcome, Outcome::kFailed);
  }
  EXPECT_EQ(node.publish("fields", "one").sequence, 2u);
  EXPECT_EQ(node.blocks("fields"), Strings({"one"}));
  const Position one = node.publish("weather", "rain");
  EXPECT_EQ(node.list()->size(), 2u) << "those that say nothing are left out";
  EXPECT_EQ(node.publish("weather", "sun"), (Position{one.epoch, 2})) << "the connection was never lost";
  EXPECT_FALSE(node.history().trouble().has_value());
}

TEST(RedisTrouble, AnEntryOfSomebodyElseInTheMiddleIsReadAsWhatItIs) {
  RedisServer redis;
  Node node(redis.url());
  const std::string id = std::to_string(node.publish("news", "1").epoch) + "-*";
  redis.say({"XADD", "tidings:s:news", id, "b", "2", "t", "soon", "n", "2"});
  redis.say({"XADD", "tidings:s:news", id, "b", "3", "t", "1e300", "n", "-7"});
  EXPECT_EQ(node.publish("news", "4").sequence, 4u);
  EXPECT_EQ(node.blocks("news"), Strings({"1", "2", "3", "4"}));
  EXPECT_TRUE(node.list().has_value());
  EXPECT_EQ(node.publish("news", "5").sequence, 5u) << "the connection was never lost";
}

TEST(RedisTrouble, AnIdOfSomebodyElseBeyondWhatIsCountedIsTroubleForItsChannelAlone) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  const std::string id = std::to_string(one.epoch) + "-1152921504606846976";
  redis.say({"XADD", "tidings:s:news", id, "b", "x", "t", "1", "n", "1"});
  EXPECT_EQ(node.try_to_publish("news", "two").outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "Redis has something else where the events of this channel would be");
  EXPECT_EQ(node.publish("weather", "rain").sequence, 1u);
  EXPECT_FALSE(node.history().trouble().has_value());
}

// More than are asked at a time.
TEST(RedisTrouble, ManyReadersOfAChannelOfSomebodyElseAreEachRefused) {
  RedisServer redis;
  redis.say({"SET", "tidings:s:news", "foreign"});
  Node node(redis.url());
  std::vector<std::future<bool>> read;
  redis.pause();
  for (int i = 0; i < 100; ++i) {
    const auto promise = std::make_shared<std::promise<bool>>();
    read.push_back(promise->get_future());
    node.history().read("news", 1, 1000, [promise](const auto& run) { promise->set_value(run != nullptr); });
  }
  redis.go_on();
  for (auto& each : read) {
    ASSERT_EQ(each.wait_for(kLongEnough), std::future_status::ready);
    EXPECT_FALSE(each.get());
  }
}

TEST(RedisTrouble, OurHashWithNumbersOfSomebodyElseIsMadeAnew) {
  for (const char* foreign : {"", "0", "-5", "0x10", "1e300", "nan", "99999999999999999999999999", "soon"}) {
    RedisServer redis;
    Node node(redis.url());
    const auto follower = node.follow("news");
    const Position one = node.publish("news", "one");
    for (const char* field : {"floor", "beats", "own_beats"}) redis.say({"HSET", "tidings:server", field, foreign});
    ASSERT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "gap"; })) << foreign;
    EXPECT_GT(node.publish_in_time("news", "two").epoch, one.epoch) << foreign;
  }
}

TEST(RedisTrouble, OtherKeysOfOursThatAreSomebodyElsesLoseNoEventThatIsAcknowledged) {
  for (const char* key : {"tidings:names", "tidings:k:news", "tidings:server"}) {
    RedisServer redis;
    Node node(redis.url());
    const auto follower = node.follow("news");
    node.publish("news", "one", "first");
    redis.say({"SET", key, "foreign"});
    node.try_to_publish("news", "two", "second");
    node.list();
    node.clear("other");
    redis.say({"DEL", key});
    node.publish_in_time("news", "three");
    ASSERT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "three"; })) << key;
  }
}

TEST(RedisTrouble, AChannelWhoseKeyBecomesSomebodyElsesGoesOnOnceItIsGone) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  redis.say({"SET", "tidings:s:news", "foreign"});
  kill_connections(redis);
  EXPECT_EQ(node.publish_in_time("weather", "rain").sequence, 1u);
  EXPECT_EQ(node.try_to_publish("news", "two").outcome, Outcome::kFailed);
  redis.say({"DEL", "tidings:s:news"});
  EXPECT_GT(node.publish("news", "three").epoch, one.epoch);
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "three"; }));
  EXPECT_EQ(follower->lines()[1], "gap");
}

TEST(RedisTrouble, WithoutMemoryNothingIsKeptUntilThereIsSome) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  redis.say({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(node.try_to_publish("news", "two").outcome, Outcome::kFailed);
  EXPECT_EQ(node.why(), "Redis has no memory left for events");
  EXPECT_EQ(node.history().trouble(), "Redis has no memory left for events");
  EXPECT_EQ(node.blocks("news"), Strings({"one"}));
  redis.say({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(node.publish("news", "three").sequence, 2u);
  EXPECT_FALSE(node.history().trouble().has_value());
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "three"}));
}

TEST(RedisTrouble, AfterAForgottenScriptItIsLoadedAgain) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  redis.say({"SCRIPT", "FLUSH"});
  node.publish_in_time("news", "two");
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"}));
}

TEST(RedisTrouble, WhoeverAsksFirstAfterAForgottenScriptIsAnswered) {
  RedisServer redis;
  Node node(redis.url());
  node.publish("news", "one");
  for (int round = 0; round < 3; ++round) {
    redis.say({"SCRIPT", "FLUSH"});
    node.read("news", 1);
    node.publish_in_time("news", "more");
    redis.say({"SCRIPT", "FLUSH"});
    node.clear("other");
    node.publish_in_time("news", "more");
    redis.say({"SCRIPT", "FLUSH"});
    node.list();
    node.publish_in_time("news", "more");
  }
}

TEST(RedisTrouble, WhileSomebodysScriptKeepsItBusyPublishingIsRefused) {
  RedisServer redis({"--busy-reply-threshold", "10"});
  Node node(redis.url());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  std::thread other([&] { redis.say({"EVAL", "while true do end", "0"}); });
  EXPECT_TRUE(node.wait_for_trouble(true));
  while (redis.say({"SCRIPT", "KILL"}) != "OK") {
  }
  other.join();
  node.publish_in_time("news", "two");
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"}));
}

TEST(RedisTrouble, AMessageOfSomebodyElseChangesNothing) {
  RedisServer redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  const std::string epoch = std::to_string(one.epoch);
  for (const std::string& message :
       {std::string(), std::string("hello"), std::string("E"), std::string("E 1"), "E " + epoch + " 2 1",
        "E " + epoch + " 2 1 x\nforged", "E " + epoch + " -2 1 1\nforged", "X " + epoch + " 2",
        "C " + epoch + " 99999999999999999999", "E " + epoch + " 900 1 1\nfar ahead"}) {
    EXPECT_EQ(redis.say({"PUBLISH", "tidings:c:0:news", message}), "1");
  }
  EXPECT_EQ(node.publish("news", "two"), (Position{one.epoch, 2}));
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"}));
}

// Who may come.

TEST(RedisTrouble, APasswordIsAskedForAtTheStart) {
  RedisServer redis({"--requirepass", "right"});
  const std::string socket = "@" + redis.socket();
  EXPECT_NE(refusal(redis.url()).find("wants a password"), std::string::npos) << refusal(redis.url());
  const std::string wrong = refusal("unix://:hidden" + socket);
  EXPECT_NE(wrong.find("does not know this user and password"), std::string::npos) << wrong;
  EXPECT_EQ(wrong.find("hidden"), std::string::npos) << wrong;
  EXPECT_EQ(Node("unix://:right" + socket).publish("news", "one").sequence, 1u);
  EXPECT_EQ(Node("unix://default:right" + socket).publish("news", "two").sequence, 2u);
}

TEST(RedisTrouble, APasswordThatIsChangedIsTroubleUntilItIsTheOldOneAgain) {
  RedisServer redis({"--requirepass", "right"});
  Node node("unix://:right@" + redis.socket());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  redis.stop(SIGTERM);
  redis.arguments() = {"--requirepass", "another"};
  redis.start();
  EXPECT_TRUE(node.wait_for_trouble(true));
  redis.stop(SIGTERM);
  redis.arguments() = {"--requirepass", "right"};
  redis.start();
  EXPECT_TRUE(node.wait_for_trouble(false));
  node.publish_in_time("news", "two");
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "two"; }));
}

TEST(RedisTrouble, APasswordThatIsChangedWhileItRunsCountsFromTheNextConnectionOn) {
  RedisServer redis;
  redis.say({"ACL", "SETUSER", "tidings", "on", ">right", "~tidings:*", "&tidings:*", "+@all"});
  Node node("unix://tidings:right@" + redis.socket());
  const auto follower = node.follow("news");
  node.publish("news", "one");
  redis.say({"ACL", "SETUSER", "tidings", "resetpass", ">another"});
  node.publish("news", "two");
  kill_connections(redis);
  EXPECT_TRUE(node.wait_for_trouble(true));
  redis.say({"ACL", "SETUSER", "tidings", "resetpass", ">right"});
  EXPECT_TRUE(node.wait_for_trouble(false));
  node.publish_in_time("news", "three");
  EXPECT_EQ(follower->wait_for(3), Strings({"one", "two", "three"}));
  redis.say({"ACL", "DELUSER", "tidings"});
  EXPECT_TRUE(node.wait_for_trouble(true));
}

TEST(RedisTrouble, AUserThatMayNotHearOrTellOfEventsIsRefusedAtTheStart) {
  RedisServer redis;
  redis.say({"ACL", "SETUSER", "deaf", "on", ">right", "~tidings:*", "resetchannels", "+@all"});
  redis.say({"ACL", "SETUSER", "dumb", "on", ">right", "~tidings:*", "&tidings:*", "+@all", "-publish"});
  for (const char* user : {"deaf", "dumb"}) {
    const std::string why = refusal("unix://" + std::string(user) + ":right@" + redis.socket());
    EXPECT_TRUE(why.find("forbids its user") != std::string::npos ||
                why.find("refuses what is asked: ERR The user") != std::string::npos)
        << why;
  }
}

TEST(RedisTrouble, AUserWithRightsToThePrefixAloneIsEnough) {
  RedisServer redis;
  redis.say({"ACL", "SETUSER", "tidings", "on", ">right", "~tidings:*", "&tidings:*", "+@all", "-@dangerous", "+info",
             "+role"});
  Node node("unix://tidings:right@" + redis.socket());
  const auto follower = node.follow("news");
  node.publish("news", "one", "key");
  node.clear("news");
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "gap"}));
  redis.say({"ACL", "SETUSER", "tidings", "resetkeys", "~other:*"});
  const std::string why = refusal("unix://tidings:right@" + redis.socket());
  EXPECT_NE(why.find("forbids its user"), std::string::npos) << why;
}

TEST(RedisTrouble, OneThatDropsAnyKeyWhenItsMemoryIsFullIsRefused) {
  RedisServer redis({"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"});
  const std::string why = refusal(redis.url());
  EXPECT_NE(why.find("set maxmemory-policy to noeviction, not allkeys-lru"), std::string::npos) << why;
}

TEST(RedisTrouble, WhereThereIsNoRedisIsASentence) {
  EXPECT_EQ(refusal("unix:/no/such/socket"),
            "Redis at unix:/no/such/socket can't be reached: No such file or directory.");
  EXPECT_NE(refusal("redis://127.0.0.1:1").find("Redis at 127.0.0.1:1 can't be reached: Connection refused."),
            std::string::npos);
}

}  // namespace
}  // namespace tidings
