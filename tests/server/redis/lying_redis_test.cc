// A Redis that is none of ours any more, or whose place somebody else has taken: whatever it says, everybody who has
// asked is answered, nothing that it can't have kept is acknowledged, and with the truth all goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tidings/tests/server/redis/lying_redis.h"
#include "tidings/tests/server/redis/node.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

const std::vector<std::string> kLies = {
    "$-1\r\n",
    "*-1\r\n",
    "*0\r\n",
    "+OK\r\n",
    ":7\r\n",
    ":-7\r\n",
    "$0\r\n\r\n",
    "*3\r\n$-1\r\n$-1\r\n$-1\r\n",
    "*3\r\n:1\r\n$-1\r\n:1\r\n",
    "*3\r\n:1\r\n:5\r\n:0\r\n",
    "*3\r\n:1\r\n:-5\r\n:1\r\n",
    "*3\r\n:1\r\n:5\r\n$16\r\n9007199254740992\r\n",
    "*3\r\n:1\r\n:5\r\n$19\r\n9223372036854775808\r\n",
    "*4\r\n:5\r\n:5\r\n:1\r\n:1\r\n",
    "*5\r\n:-5\r\n:5\r\n:1\r\n:1\r\n:1\r\n",
    "*5\r\n:5\r\n:5\r\n:1\r\n$-1\r\n:1\r\n",
    "*5\r\n:5\r\n:5\r\n:1\r\n:1\r\n$-1\r\n",
    "*5\r\n:5\r\n:5\r\n:1\r\n:1\r\n$16\r\n9007199254740992\r\n",
    "*5\r\n:5\r\n:5\r\n:1\r\n:1\r\n$20\r\n18446744073709551615\r\n",
    "*5\r\n$16\r\n9007199254740992\r\n:5\r\n:1\r\n:1\r\n:1\r\n",
    "*1\r\n*1\r\n*1\r\n:1\r\n",
    "*3\r\n:9007199254740992\r\n:9\r\n:1\r\n",
    "-MOVED 3999 127.0.0.1:6381\r\n",
    "-ASK 3999 127.0.0.1:6381\r\n",
    "-CLUSTERDOWN The cluster is down\r\n",
    "-LOADING Redis is loading the dataset in memory\r\n",
    "-READONLY You can't write against a read only replica.\r\n",
    "-MASTERDOWN Link with MASTER is down\r\n",
    "-NOSCRIPT No matching script.\r\n",
    "-NOAUTH Authentication required.\r\n",
    "-NOPERM this user has no permissions\r\n",
    "-BUSY Redis is busy running a script.\r\n",
    "-UNKILLABLE Sorry\r\n",
    "-NOREPLICAS Not enough good replicas to write.\r\n",
    "-MISCONF Errors writing to the AOF file\r\n",
    "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "-ERR whatever\r\n",
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
    "-TIDINGS nobody has arrived\r\n",
    "-\r\n",
    ":99999999999999999999999999\r\n",
    "$9223372036854775807\r\n",
    "%1\r\n+a\r\n+b\r\n",
    ">1\r\n+a\r\n",
};

struct Question {
  const char* name;
  RedisScript script;
  bool (*is_refused)(Node& node);
};

class Lies : public ::testing::TestWithParam<Question> {};

TEST_P(Lies, AreNoAnswerAndWhoHasAskedHasOneAllTheSame) {
  for (const std::string& lie : kLies) {
    LyingRedis redis;
    Node node(redis.url(), {.answer_time = 1s});
    redis.say_to(GetParam().script, lie);
    EXPECT_TRUE(GetParam().is_refused(node)) << lie;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Questions, Lies,
    ::testing::Values(
        Question{"ToAPublisher", RedisScript::kAppend,
                 [](Node& node) { return node.try_to_publish("news", "one").outcome == Outcome::kFailed; }},
        Question{"ToAReader", RedisScript::kRead, [](Node& node) { return node.read("news", 1) == nullptr; }},
        Question{"ToWhoClears", RedisScript::kClear,
                 [](Node& node) { return node.clear("news") == History::Cleared::kFailed; }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LyingRedis, ListsThatAreNoneAreEmptyOrRefused) {
  for (const std::string& lie : kLies) {
    LyingRedis redis;
    Node node(redis.url(), {.answer_time = 1s});
    redis.say_to(RedisScript::kList, lie);
    const auto listed = node.list();
    EXPECT_TRUE(!listed || listed->empty()) << lie;
  }
}

// Opening waits for the truth, or is refused where the lie is one about the channel.
TEST(LyingRedis, WhoOpensAChannelHearsNothingButTheTruth) {
  for (const std::string& lie : kLies) {
    LyingRedis redis;
    auto node = std::make_unique<Node>(redis.url(), RedisHistory::Options{.answer_time = 1s});
    redis.say_to(RedisScript::kLook, lie);
    std::promise<std::optional<Extent>> opened;
    node->history().open("news", {}, [&](std::optional<Extent> extent) { opened.set_value(extent); });
    const auto begin = std::chrono::steady_clock::now();
    while (redis.count(RedisScript::kLook) == 0) ASSERT_LT(std::chrono::steady_clock::now() - begin, kLongEnough);
    redis.say_to(RedisScript::kLook, {});
    std::future<std::optional<Extent>> future = opened.get_future();
    ASSERT_EQ(future.wait_for(kLongEnough), std::future_status::ready) << lie;
    const std::optional<Extent> extent = future.get();
    EXPECT_EQ(extent.value_or(Extent{LyingRedis::kEpoch, 1, 1}), (Extent{LyingRedis::kEpoch, 1, 1})) << lie;
  }
}

TEST(LyingRedis, WithTheTruthAllGoesOn) {
  LyingRedis redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  redis.say_to(RedisScript::kAppend, "-READONLY You can't write against a read only replica.\r\n");
  EXPECT_EQ(node.try_to_publish("news", "one").outcome, Outcome::kFailed);
  redis.say_to(RedisScript::kAppend, {});
  node.publish_in_time("news", "two");
  EXPECT_EQ(follower->wait_for(1), Strings({"two"}));
}

// It says that it has kept the event where it then has none.
TEST(LyingRedis, AnEventThatItDoesNotHaveIsNotAcknowledged) {
  LyingRedis redis;
  Node node(redis.url(), {.answer_time = 1s});
  const auto follower = node.follow("news");
  redis.say_to(RedisScript::kAppend, "*5\r\n:5\r\n:1\r\n:1\r\n:900\r\n:900\r\n");
  EXPECT_EQ(node.try_to_publish("news", "one").outcome, Outcome::kFailed);
  redis.say_to(RedisScript::kAppend, {});
  EXPECT_EQ(node.publish("news", "two"), (Position{LyingRedis::kEpoch, 1}));
  EXPECT_EQ(follower->wait_for(1), Strings({"two"}));
}

TEST(LyingRedis, OneThatSilentlyTakesSubscriptionsIsGivenUp) {
  LyingRedis redis;
  redis.say_to_followers("", false);
  Node node(redis.url(), {.answer_time = 200ms});
  std::promise<bool> opened;
  node.history().open("news", {}, [&](const auto& extent) { opened.set_value(extent.has_value()); });
  EXPECT_EQ(node.try_to_publish("news", "one").outcome, Outcome::kFailed) << "it waits for what is published there";
  redis.say_to_followers("");
  EXPECT_TRUE(opened.get_future().get());
}

struct Heard {
  const char* name;
  std::string bytes;
};

class LyingMessages : public ::testing::TestWithParam<Heard> {};

// Behind what is heard there comes an event that was published here.
TEST_P(LyingMessages, ChangeNothing) {
  LyingRedis redis;
  redis.say_to_followers(GetParam().bytes);
  Node node(redis.url());
  const auto follower = node.follow("news");
  EXPECT_EQ(node.publish_in_time("news", "one"), (Position{LyingRedis::kEpoch, 1}));
  EXPECT_EQ(follower->wait_for(1), Strings({"one"}));
}

std::string many(std::string bytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += bytes;
  return all;
}

INSTANTIATE_TEST_SUITE_P(
    Messages, LyingMessages,
    ::testing::Values(
        Heard{"OfAChannelThatNobodyFollows", LyingRedis::message("other", "E 5 1 0 0 1\nx")},
        Heard{"OfNoChannel", "*3\r\n$7\r\nmessage\r\n$-1\r\n$-1\r\n"},
        Heard{"WithoutText", "*2\r\n$7\r\nmessage\r\n$0\r\n\r\n"},
        Heard{"WithMoreThanTheirText",
              "*4\r\n$7\r\nmessage\r\n$16\r\ntidings:c:0:news\r\n$13\r\nE 5 1 0 0 1\nx\r\n:1\r\n"},
        Heard{"OfAPattern", "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$16\r\ntidings:c:0:news\r\n$13\r\nE 5 1 0 0 1\nx\r\n"},
        Heard{"OfAnotherPrefix", "*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$13\r\nE 5 1 0 0 1\nx\r\n"},
        Heard{"OfAnEventOfNumberNone", LyingRedis::message("news", "E 5 0 0 0 1\nx")},
        Heard{"OfAnEventFarAhead", many(LyingRedis::message("news", "E 5 900 0 0 1\nx"), 3)},
        Heard{"OfNumbersTooLarge", LyingRedis::message("news", "E 5 9007199254740992 0 0 1\nx") +
                                       LyingRedis::message("news", "E 18446744073709551615 1 0 0 1\nx") +
                                       LyingRedis::message("news", "C 5 18446744073709551615") +
                                       LyingRedis::message("news", "B 9007199254740991 1 1")},
        Heard{"OfAnExtentBehindItsEnd",
              LyingRedis::message("news", "B 6 9 2") + LyingRedis::message("news", "E 6 1 9 0 1\nx")},
        Heard{"OfNumbersOfManyZeros", LyingRedis::message("news", "E 5 " + std::string(100'000, '0') + "1 0 0 1\nx")},
        Heard{"OfAnotherKind", LyingRedis::message("news", "Z 5 1")},
        Heard{"ThatSubscribeAgain", "*3\r\n$9\r\nsubscribe\r\n$16\r\ntidings:c:0:news\r\n:1\r\n"},
        Heard{"ThatPong", "+PONG\r\n+PONG\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n"},
        Heard{"OfNoKind", "*0\r\n*-1\r\n$-1\r\n:5\r\n*1\r\n:1\r\n"}),
    [](const auto& info) { return std::string(info.param.name); });

// Of an epoch that there never was: followers are told a gap, and with the first event that is true Redis is asked for
// an epoch above it.
TEST(LyingRedis, WhatIsForgedIsFoundOutWithWhatIsTrue) {
  LyingRedis redis;
  Node node(redis.url());
  const auto follower = node.follow("news");
  redis.say_to_followers(LyingRedis::message("news", "E 7 3 0 0 6\nforged") +
                         LyingRedis::message("news", "E 5 1 0 0 4\ntrue"));
  node.follow("other");
  const auto begin = std::chrono::steady_clock::now();
  while (redis.count(RedisScript::kLook) < 3) ASSERT_LT(std::chrono::steady_clock::now() - begin, kLongEnough);
  EXPECT_EQ(follower->wait_for(2), Strings({"gap", "forged"}));
}

}  // namespace
}  // namespace tidings
