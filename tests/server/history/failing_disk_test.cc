// What the engine does on a disk that is full or fails while it runs, case by case.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/tests/server/history/engine.h"
#include "tidings/tests/server/history/faulty_disk.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

class FailingDisk : public ::testing::Test {
 protected:
  explicit FailingDisk(SqliteHistory::Options options = {.durability = Durability::kPower, .max_log_pages = 8})
      : engine(std::move(options), "failing") {}

  History::Receipt publish(const std::string& text) {
    const auto receipt = engine.hand_in("news", text);
    engine.settle();
    return receipt->value();
  }
  // Publishes until the disk is full and stays so: what is left beside the log is used, too.
  void fill() {
    disk.set_capacity(disk.used() + 100'000);
    for (int count = 0; count < 1000; ++count) {
      if (publish(std::string(1000, 'x')).outcome == Outcome::kKept) ++kept;
      if (engine.history->trouble()) return;
    }
    ADD_FAILURE() << "it is not full";
  }

  FaultyDisk disk{"failing", 1};
  Engine engine;
  std::uint64_t kept = 0;
};

TEST_F(FailingDisk, AFullDiskFailsThePublisherWithASentenceAndReadersGoOn) {
  fill();
  const auto receipt = engine.hand_in("news", "one more");
  std::string why;
  engine.history->append("news", "data\n", {}, [&](const History::Receipt& answer) { why = answer.why; });
  engine.settle();
  EXPECT_EQ((*receipt)->outcome, Outcome::kFailed);
  EXPECT_EQ(why, "The disk of the history is full");
  EXPECT_EQ(engine.history->trouble(), why);
  EXPECT_EQ(engine.read("news", kept)->records.size(), 1u);
}

TEST_F(FailingDisk, WhenThereIsRoomAgainItGoesOnByItself) {
  fill();
  engine.clock->advance(1min);
  EXPECT_EQ(publish("one more").outcome, Outcome::kFailed);
  disk.set_capacity({});
  engine.clock->advance(8s);
  const History::Receipt receipt = publish("one more");
  EXPECT_EQ(receipt.outcome, Outcome::kKept);
  EXPECT_EQ(receipt.at.sequence, kept + 1);
  EXPECT_EQ(engine.history->trouble(), std::nullopt);
}

TEST_F(FailingDisk, WhatIsClearedMakesRoomOnAFullDisk) {
  const auto sink = engine.follow("news");
  fill();
  EXPECT_EQ(engine.clear("news"), History::Cleared::kCleared);
  EXPECT_EQ(sink->log.back(), "cleared " + std::to_string(kept + 2));
  engine.clock->advance(8s);
  engine.settle();
  EXPECT_EQ(engine.history->trouble(), std::nullopt);
  EXPECT_EQ(publish("one more").at.sequence, kept + 2);
}

TEST_F(FailingDisk, AClearingThatFailsLeavesWhatThereIs) {
  const auto sink = engine.follow("news");
  publish("one");
  disk.set_faults({.syncs = 1000});
  EXPECT_EQ(engine.clear("news"), History::Cleared::kFailed);
  disk.set_faults({});
  engine.clock->advance(8s);
  engine.settle();
  const bool is_gone = engine.blocks("news").empty();
  EXPECT_EQ(sink->log, is_gone ? Strings({"kept 1", "cleared 3"}) : Strings({"kept 1"}));
  EXPECT_EQ(publish("two").at.sequence, is_gone ? 3u : 2u);
}

TEST_F(FailingDisk, AFullDiskIsNotTriedAgainForEachPublisher) {
  fill();
  engine.settle();
  const std::int64_t used = disk.used();
  for (int count = 0; count < 100; ++count) EXPECT_EQ(publish("one more").outcome, Outcome::kFailed);
  EXPECT_EQ(disk.used(), used);
}

TEST_F(FailingDisk, AFullDiskKeepsNobodyFromOpening) {
  fill();
  EXPECT_EQ(engine.extent("news").next, kept + 1);
  EXPECT_EQ(engine.extent("nobody").next, 1u);
}

TEST_F(FailingDisk, AFullDiskIsNoReasonNotToStartWhereItsReserveIsHeld) {
  engine.publish("news", "one");
  engine.stop();
  disk.set_capacity(disk.used() + 50'000);
  engine.start();
  EXPECT_EQ(engine.extent("news").next, 2u);
}

TEST_F(FailingDisk, WithoutRoomForItsReserveItDoesNotStart) {
  engine.publish("news", "one");
  engine.stop();
  disk.set_capacity(disk.used() + 50'000);
  engine.options.reserve_bytes = 200'000;
  try {
    engine.start();
    ADD_FAILURE() << "it has started";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(),
              "The history in " + engine.folder.database() + " can't be opened: the disk has no room for its reserve");
  }
  disk.set_capacity({});
  engine.start();
  EXPECT_EQ(engine.extent("news").next, 2u);
}

class FullDiskAndOldEvents : public FailingDisk {
 protected:
  FullDiskAndOldEvents()
      : FailingDisk({.durability = Durability::kPower, .limits = {.max_age = 64s}, .max_log_pages = 8}) {}
};

TEST_F(FullDiskAndOldEvents, WhatIsTooOldMakesRoom) {
  const auto sink = engine.follow("news");
  fill();
  for (int second = 0; second < 80; ++second) {
    engine.clock->advance(1s);
    engine.settle();
  }
  EXPECT_EQ(sink->extent.first, kept + 1);
  EXPECT_EQ(engine.history->trouble(), std::nullopt);
  EXPECT_EQ(publish("one more").at.sequence, kept + 1);
}

TEST_F(FailingDisk, AFailedSyncFailsThePublisherAndKeepsNothing) {
  const auto sink = engine.follow("news");
  publish("one");
  disk.set_faults({.syncs = 1000});
  EXPECT_EQ(publish("two").outcome, Outcome::kFailed);
  EXPECT_TRUE(engine.history->trouble()->starts_with("The history can't be ")) << *engine.history->trouble();
  disk.set_faults({});
  engine.clock->advance(1s);
  EXPECT_EQ(publish("three").at, (Position{sink->extent.epoch, 2}));
  EXPECT_EQ(sink->blocks, Strings({"data: one\n", "data: three\n"}));
  EXPECT_EQ(engine.blocks("news"), sink->blocks);
  EXPECT_EQ(engine.history->trouble(), std::nullopt);
}

TEST_F(FailingDisk, AFailedSyncIsNotFollowedByASuccessForTheSameBytes) {
  for (std::uint64_t sequence = 1; sequence <= 30; ++sequence) {
    disk.set_faults({.syncs = 1000});
    EXPECT_EQ(publish("lost").outcome, Outcome::kFailed);
    disk.set_faults({});
    engine.clock->advance(1s);
    EXPECT_EQ(publish("kept").at.sequence, sequence);
    disk.die();
    engine.stop();
    disk.revive_after_power_loss();
    engine.start();
    ASSERT_EQ(engine.extent("news").next, sequence + 1);
  }
}

TEST_F(FailingDisk, AKeyOfAnEventThatFailedIsFree) {
  disk.set_faults({.syncs = 1000});
  EXPECT_EQ(engine.publish("news", "one", "key").sequence, 0u);
  disk.set_faults({});
  engine.clock->advance(1s);
  EXPECT_EQ(engine.publish("news", "two", "key").sequence, 1u);
  EXPECT_EQ(engine.blocks("news"), Strings({"data: two\n"}));
}

TEST_F(FailingDisk, TheLogDoesNotGrowHoweverOftenItIsRead) {
  for (int count = 0; count < 500; ++count) {
    engine.hand_in("news", std::string(1000, 'x'));
    engine.history->step_writer();
    engine.read("news", 1, 10'000);
    ASSERT_LT(disk.size_of(engine.folder.database() + "-wal"), 4 * 8 * 4200);
  }
}

}  // namespace
}  // namespace tidings
