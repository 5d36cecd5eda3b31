// A Redis that comes back at its address with less than it had said yes to, though it says that it keeps everything:
// what it has is another's, or older. It is found out by whoever comes first, so that no id is given to two events.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tidings/tests/server/redis/node.h"
#include "tidings/tests/server/redis/redis_pair.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

const std::vector<std::string> kKeepsAll = {"--appendonly", "yes", "--appendfsync", "always"};

std::string url_of(std::uint16_t port) { return "redis://127.0.0.1:" + std::to_string(port); }

// Until beats have come since now.
void wait_for_beats(RedisServer& redis, int count) {
  const auto beats = [&] { return std::stoll(redis.say({"HGET", "tidings:server", "beats"})); };
  const auto begin = std::chrono::steady_clock::now();
  for (const auto first = beats(); beats() < first + count;) {
    ASSERT_LT(std::chrono::steady_clock::now() - begin, kLongEnough);
  }
}

TEST(RedisOlderData, AReplicaThatLagsIsPromotedAndRestartedAtTheAddressOfItsMaster) {
  RedisPair pair(kKeepsAll);
  Node node(url_of(pair.port));
  const auto follower = node.follow("news");
  node.publish("news", "1");
  pair.part();
  pair.join();  // so that it has all that is in its master's memory, also what masters alone are told of from then on
  wait_for_beats(pair.master, 2);
  pair.part();
  const Position lost = node.publish("other", "lost");  // nobody here follows this channel
  pair.master.kill();
  pair.replica.stop(SIGTERM);
  pair.replica.listen_on(pair.port);
  pair.replica.start();
  const Position next = node.publish_in_time("other", "next");
  EXPECT_GT(next.epoch, lost.epoch) << "not the id of the one that is lost";
  EXPECT_EQ(follower->wait_for(2), Strings({"1", "gap"}));
}

// The same one, as it may be on the machine of a master.
TEST(RedisOlderData, AMasterThatIsRestartedAlwaysHasItsOwn) {
  RedisPair pair(kKeepsAll);
  Node node(url_of(pair.port));
  const auto follower = node.follow("news");
  node.publish("news", "1");
  wait_for_beats(pair.master, 2);
  pair.master.kill();
  pair.master.start();
  node.publish_in_time("news", "2");
  EXPECT_EQ(follower->wait_for(2), Strings({"1", "2"})) << "and no gap";
}

TEST(RedisOlderData, AnOlderFileIsPutBackWhileTheMasterIsStopped) {
  RedisServer redis(kKeepsAll);
  const fs::path files = fs::path(redis.folder()) / "appendonlydir", copy = fs::path(redis.folder()) / "copy";
  Node node(redis.url());
  node.publish("other", "old");
  redis.stop(SIGTERM);
  fs::copy(files, copy, fs::copy_options::recursive);
  redis.start();
  const auto follower = node.follow("news");
  const Position lost = node.publish_in_time("other", "lost");
  redis.kill();
  fs::remove_all(files);
  fs::rename(copy, files);
  redis.start();
  const Position next = node.publish_in_time("other", "next");
  EXPECT_GT(next.epoch, lost.epoch);
  EXPECT_EQ(follower->wait_for(1), Strings({"gap"}));
}

TEST(RedisOlderData, AnOlderStateIsLoadedWhileItRuns) {
  RedisServer redis({"--enable-debug-command", "yes"});
  Node node(redis.url());
  const auto follower = node.follow("news");
  node.publish("other", "old");
  redis.say({"SAVE"});
  wait_for_beats(redis, 1);
  const Position lost = node.publish("other", "lost");
  ASSERT_EQ(redis.say({"DEBUG", "RELOAD", "NOSAVE"}), "OK");
  EXPECT_EQ(follower->wait_for(1), Strings({"gap"}));
  EXPECT_GT(node.publish_in_time("other", "next").epoch, lost.epoch);
}

// What the last run has said yes to was not all on its disk, whatever the configuration is now.
TEST(RedisOlderData, WhatTheLastRunDidNotKeepIsLostThoughThisOneKeepsAll) {
  RedisServer redis({"--appendonly", "yes", "--appendfsync", "everysec"});
  Node node(redis.url());
  const auto follower = node.follow("news");
  const Position one = node.publish("news", "one");
  redis.kill();
  redis.arguments() = kKeepsAll;
  redis.start();
  EXPECT_GT(node.publish_in_time("news", "two").epoch, one.epoch);
  EXPECT_EQ(follower->wait_for(3), Strings({"one", "gap", "two"}));
  redis.kill();
  redis.start();
  node.publish_in_time("news", "three");
  EXPECT_EQ(follower->wait_for(4), Strings({"one", "gap", "two", "three"})) << "from then on it does";
}

// Somebody puts an older state of a stream back, whose numbers are given again then.
TEST(RedisOlderData, AStreamThatIsPutBackWhileItIsFollowedIsAGapWithTheFirstEventThen) {
  RedisServer redis;
  Node a(redis.url()), b(redis.url());
  for (const char* text : {"1", "2", "3"}) b.publish("news", text);
  const auto follower = a.follow("news");
  const std::string epoch = std::to_string(follower->extent().epoch);
  redis.say({"DEL", "tidings:s:news"});
  redis.say({"XADD", "tidings:s:news", epoch + "-1", "b", "1", "t", "9999999999999", "n", "1"});
  EXPECT_EQ(b.publish("news", "next").sequence, 2u) << "who does not follow it can't know better";
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return !lines.empty() && lines.back() == "gap"; }));
  b.publish("news", "one more");
  EXPECT_TRUE(follower->wait([](const auto& lines, const auto&) { return lines.back() == "one more"; }));
}

}  // namespace
}  // namespace tidings
