// What every engine promises (server/history/history.h), by each that there is: acceptance, visibility, restarts, runs,
// limits, keys, clearing, lists and the end. What one of them promises beside that is in a test of its own.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/history/history_limits.h"
#include "tidings/server/history/sqlite_history.h"
#include "tidings/tests/server/history/engine.h"
#include "tidings/tests/server/history/keeper.h"
#include "tidings/tests/server/redis/node.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

struct Bounds {
  HistoryLimits limits = {};
  std::size_t waiting_bytes = std::size_t{16} << 20;
};

// One after the other, or several at once where they may share it, begin engines on what the last one has kept.
using Begin = std::function<std::unique_ptr<Keeper>(const Bounds& bounds)>;

class SqliteKeeper final : public Keeper {
 public:
  SqliteKeeper(const std::string& folder, const Bounds& bounds)
      : history_({.data_dir = folder,
                  .limits = bounds.limits,
                  .max_waiting_bytes = bounds.waiting_bytes,
                  .reserve_bytes = 64 * 1024}) {}

  History& history() override { return history_; }
  void close() override { history_.close(); }

 private:
  SqliteHistory history_;
};

Begin on_sqlite() {
  return [folder = std::make_shared<TestFolder>()](const Bounds& bounds) {
    return std::make_unique<SqliteKeeper>(folder->path(), bounds);
  };
}

Begin on_redis() {
  return [redis = std::make_shared<RedisServer>()](const Bounds& bounds) {
    return std::make_unique<Node>(
        redis->url(), RedisHistory::Options{.limits = bounds.limits, .max_waiting_bytes = bounds.waiting_bytes});
  };
}

struct EngineKind {
  const char* name;
  Begin (*place)();
};

class HistoryContract : public ::testing::TestWithParam<EngineKind> {
 protected:
  // An engine, and another one on what it has kept once it is gone.
  std::unique_ptr<Keeper> begin(const Bounds& bounds = {}) { return begin_(bounds); }

 private:
  const Begin begin_ = GetParam().place();
};

INSTANTIATE_TEST_SUITE_P(Engines, HistoryContract,
                         ::testing::Values(EngineKind{"SQLite", on_sqlite}, EngineKind{"Redis", on_redis}),
                         [](const auto& info) { return std::string(info.param.name); });

// Acceptance and visibility.

TEST_P(HistoryContract, WhatIsKeptIsSeenAndReadAndHasItsPlaceInTheOrderOfItsChannel) {
  const auto engine = begin();
  const auto follower = engine->follow("news");
  EXPECT_EQ(follower->extent(), (Extent{follower->extent().epoch, 1, 1}));
  const Position one = engine->publish("news", "one");
  EXPECT_EQ(one, (Position{follower->extent().epoch, 1}));
  EXPECT_EQ(engine->publish("news", "two"), (Position{one.epoch, 2}));
  EXPECT_EQ(engine->publish("weather", "rain").sequence, 1u);
  EXPECT_EQ(follower->wait_for(2), Strings({"one", "two"}));
  EXPECT_EQ(engine->blocks("news"), Strings({"one", "two"}));
  EXPECT_EQ(engine->blocks("news", 2), Strings({"two"}));
  EXPECT_EQ(engine->read("news", 2)->records.at(0).at, (Position{one.epoch, 2}));
}

TEST_P(HistoryContract, TheSinkIsToldBeforeTheReceipt) {
  const auto engine = begin();
  const auto follower = engine->follow("news");
  for (std::size_t count = 1; count <= 100; ++count) {
    std::promise<std::size_t> seen;
    engine->history().append("news", "x", {}, [&](const auto&) { seen.set_value(follower->lines().size()); });
    EXPECT_EQ(seen.get_future().get(), count);
  }
}

TEST_P(HistoryContract, WhoOpensIsToldOfWhatIsHandedInAfterwardsAndOfNothingBefore) {
  const auto engine = begin();
  const auto first = engine->follow("news");
  engine->publish("news", "before");
  const auto follower = std::make_shared<Follower>();
  std::promise<Extent> opened;
  engine->history().open("news", follower, [&](std::optional<Extent> extent) {
    follower->open(*extent);
    opened.set_value(*extent);
  });
  engine->hand_in("news", "after");
  EXPECT_EQ(opened.get_future().get().next, 2u);
  EXPECT_EQ(follower->wait_for(1), Strings({"after"}));
  EXPECT_EQ(first->wait_for(2), Strings({"before", "after"}));
}

TEST_P(HistoryContract, ASinkThatIsGoneIsNotTold) {
  const auto engine = begin();
  engine->follow("news");
  EXPECT_EQ(engine->publish("news", "one").sequence, 1u);
}

TEST_P(HistoryContract, FollowingANameKeepsNothingOfIt) {
  const auto engine = begin();
  const Extent extent = engine->extent("nobody");
  EXPECT_EQ(extent, (Extent{extent.epoch, 1, 1}));
  EXPECT_EQ(engine->extent("nobody"), extent);
  EXPECT_EQ(engine->read("nobody", 1)->records.size(), 0u);
  EXPECT_EQ(engine->list()->size(), 0u);
}

TEST_P(HistoryContract, BlocksAreKeptByteForByte) {
  const auto engine = begin();
  const auto follower = engine->follow("news");
  const std::string odd = std::string("\r\n$-1\r\n\0 %s {} 'E 1 2 3 4\n", 26) + "\xF0\x9F\x92\xA1";
  const std::string large(3 << 20, 'x');
  for (const std::string& block : {odd, large, std::string(1, '\n')}) engine->publish("news", block);
  EXPECT_EQ(follower->wait_for(3), Strings({odd, large, "\n"}));
  EXPECT_EQ(engine->blocks("news"), Strings({odd})) << "at least one, and no more bytes than were asked for";
  EXPECT_EQ(engine->blocks("news", 2), Strings({large}));
}

TEST_P(HistoryContract, ThreadsThatPublishAtOnceEachGetANumberOfTheirOwnAndAllIsSeenInOneOrder) {
  const auto engine = begin();
  const auto a = engine->follow("news"), b = engine->follow("news");
  constexpr int kThreads = 4, kEach = 250;
  std::vector<std::atomic<int>> given(kThreads * kEach + 1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      std::vector<std::future<History::Receipt>> receipts;
      for (int count = 0; count < kEach; ++count) {
        receipts.push_back(engine->hand_in("news", std::to_string(thread) + '.' + std::to_string(count)));
      }
      for (auto& receipt : receipts) ++given.at(receipt.get().at.sequence);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int sequence = 1; sequence <= kThreads * kEach; ++sequence) EXPECT_EQ(given[sequence], 1) << sequence;
  EXPECT_EQ(a->wait_for(kThreads * kEach), b->wait_for(kThreads * kEach));
  EXPECT_EQ(engine->blocks("news"), a->lines());
}

TEST_P(HistoryContract, AfterARestartEverythingIsWhereItWas) {
  auto engine = begin();
  const Position one = engine->publish("news", "one", "key");
  engine->publish("news", "two");
  engine->publish("weather", "rain");
  engine.reset();
  engine = begin();
  EXPECT_EQ(engine->extent("news"), (Extent{one.epoch, 1, 3}));
  EXPECT_EQ(engine->blocks("news"), Strings({"one", "two"}));
  EXPECT_EQ(engine->blocks("weather"), Strings({"rain"}));
  EXPECT_EQ(engine->publish("news", "one", "key"), one);
  EXPECT_EQ(engine->try_to_publish("news", "another", "key").outcome, Outcome::kKeyTaken);
  EXPECT_EQ(engine->publish("news", "three"), (Position{one.epoch, 3}));
}

// Runs.

TEST_P(HistoryContract, ARunHoldsAboutTheBytesAskedForAndAtLeastOneEvent) {
  const auto engine = begin();
  for (int count = 0; count < 5; ++count) engine->publish("news", std::string(100, 'x'));
  EXPECT_EQ(engine->read("news", 1, 1)->records.size(), 1u);
  EXPECT_EQ(engine->read("news", 1, 250)->records.size(), 2u);
  EXPECT_EQ(engine->read("news", 4, 1000)->records.size(), 2u);
  EXPECT_EQ(engine->read("news", 6, 1000)->records.size(), 0u);
  EXPECT_EQ(engine->read("news", 6, 1000)->begin.sequence, 6u);
}

// Limits: a 64th more may be kept.

TEST_P(HistoryContract, TheOldestGoBeyondTheCountAndFollowersAreTold) {
  const auto engine = begin({.limits = {.max_events = 3}});
  const auto follower = engine->follow("news");
  for (const char* text : {"1", "2", "3", "4", "5"}) engine->publish("news", text);
  engine->publish("quiet", "1");
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 3; }));
  EXPECT_EQ(engine->read("news", 2)->begin.sequence, 3u);
  EXPECT_EQ(engine->blocks("news", 3), Strings({"3", "4", "5"}));
  EXPECT_EQ(engine->extent("quiet").first, 1u) << "each channel has its own";
}

TEST_P(HistoryContract, TheOldestGoBeyondTheBytesButForTheNewest) {
  const auto engine = begin({.limits = {.max_bytes = 20}});
  const auto follower = engine->follow("news");
  for (const char* text : {"1", "2", "3", "4"}) engine->publish("news", std::string(7, 'x') + text);  // 8 bytes each
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 3; }));
  engine->publish("news", std::string(100, 'y'));
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 5; }));
  EXPECT_EQ(engine->blocks("news", 5).size(), 1u);
}

// Keys.

TEST_P(HistoryContract, TheSameKeyGivesTheSamePlaceAndKeepsNothing) {
  const auto engine = begin();
  const Position one = engine->publish("news", "one", "key");
  const auto follower = engine->follow("news");
  EXPECT_EQ(engine->publish("news", "one", "key"), one);
  EXPECT_EQ(engine->try_to_publish("news", "another", "key").outcome, Outcome::kKeyTaken);
  EXPECT_EQ(engine->why(), History::kWhyKeyTaken);
  EXPECT_EQ(engine->publish("weather", "rain", "key").sequence, 1u) << "it is its channel's own";
  EXPECT_EQ(follower->lines(), Strings());
  EXPECT_EQ(engine->blocks("news"), Strings({"one"}));
}

TEST_P(HistoryContract, AKeyIsKnownWhileItsEventStillWaits) {
  const auto engine = begin();
  auto first = engine->hand_in("news", "one", "key"), second = engine->hand_in("news", "one", "key"),
       other = engine->hand_in("news", "another", "key");
  const History::Receipt one = first.get();
  EXPECT_EQ(one.outcome, Outcome::kKept);
  EXPECT_EQ(second.get().at, one.at);
  EXPECT_EQ(other.get().outcome, Outcome::kKeyTaken);
  EXPECT_EQ(engine->blocks("news"), Strings({"one"}));
}

TEST_P(HistoryContract, AKeyGoesWithItsEvent) {
  const auto engine = begin({.limits = {.max_events = 2}});
  const auto follower = engine->follow("news");
  engine->publish("news", "one", "key");
  for (const char* text : {"2", "3"}) engine->publish("news", text);
  EXPECT_TRUE(follower->wait([](const auto&, const Extent& extent) { return extent.first == 2; }));
  EXPECT_EQ(engine->publish("news", "anew", "key").sequence, 4u);
}

// Clearing and listing.

TEST_P(HistoryContract, WhatIsClearedIsGoneWithItsKeysAndNumbersGoOnBehindIt) {
  auto engine = begin();
  const auto follower = engine->follow("news");
  for (const char* key : {"1", "2", "3"}) engine->publish("news", key, key);
  EXPECT_EQ(engine->clear("news"), History::Cleared::kCleared);
  EXPECT_EQ(engine->clear("news"), History::Cleared::kNothing);
  EXPECT_EQ(engine->clear("never"), History::Cleared::kNothing);
  EXPECT_EQ(follower->wait_for(4), Strings({"1", "2", "3", "gap"}));
  const Extent extent = follower->extent();
  EXPECT_EQ(extent, (Extent{extent.epoch, 5, 5}));
  EXPECT_EQ(engine->blocks("news"), Strings());
  EXPECT_EQ(engine->publish("news", "1", "1"), (Position{extent.epoch, 5}));
  EXPECT_EQ(follower->wait_for(5).back(), "1");
  engine.reset();
  EXPECT_EQ(begin()->extent("news"), (Extent{extent.epoch, 5, 6}));
}

TEST_P(HistoryContract, ItListsWhatItKeepsInTheOrderOfTheNames) {
  auto engine = begin();
  for (const char* text : {"one", "three"}) engine->publish("b", text);
  for (const char* name : {"a", "c", "B"}) engine->publish(name, "x");
  engine->follow("nobody has published there");
  engine.reset();
  engine = begin();
  const auto all = engine->list();
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 4u);
  EXPECT_EQ((*all)[0].name + (*all)[1].name + (*all)[2].name + (*all)[3].name, "Babc");
  EXPECT_EQ((*all)[2].extent, (Extent{engine->extent("b").epoch, 1, 3}));
  EXPECT_EQ((*all)[2].bytes, 8u);
  EXPECT_LT(std::chrono::abs((*all)[2].oldest - std::chrono::system_clock::now()), 10s);
  ASSERT_EQ(engine->list("a", 1)->size(), 1u);
  EXPECT_EQ(engine->list("a", 1)->at(0).name, "b");
  EXPECT_EQ(engine->list("c")->size(), 0u);
}

// Bounds, and the end.

TEST_P(HistoryContract, AnEventThatIsLargerThanTheQueueIsTakenWhenItIsAlone) {
  const auto engine = begin({.waiting_bytes = 10});
  EXPECT_EQ(engine->publish("news", std::string(500, 'x')).sequence, 1u);
}

TEST_P(HistoryContract, WhatWaitsAtTheCloseIsKeptAndAfterItEveryCallIsAnsweredWithinIt) {
  auto engine = begin();
  auto last = engine->hand_in("news", "one");
  engine->close();
  EXPECT_EQ(last.get().outcome, Outcome::kKept);
  EXPECT_EQ(engine->try_to_publish("news", "two").outcome, Outcome::kFailed);
  EXPECT_EQ(engine->read("news", 1), nullptr);
  EXPECT_EQ(engine->try_to_follow("news"), nullptr);
  EXPECT_EQ(engine->clear("news"), History::Cleared::kFailed);
  EXPECT_FALSE(engine->list().has_value());
  engine.reset();
  EXPECT_EQ(begin()->blocks("news"), Strings({"one"}));
}

}  // namespace
}  // namespace tidings
