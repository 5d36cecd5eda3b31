// What the engine on SQLite promises beside the contract of all (history_contract_test.cc), step by step and on a clock
// of the test's own: commits, restarts, limits and epochs.
#include "tidings/server/history/sqlite_history.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_file.h"
#include "tidings/server/loop/post_box.h"
#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Outcome = History::Outcome;
using Strings = std::vector<std::string>;

TEST(SqliteHistory, WhatIsHandedInIsSeenAndAcknowledgedOnceItIsKept) {
  Engine engine;
  const auto sink = engine.follow("news");
  const auto receipt = engine.hand_in("news", "one");
  EXPECT_FALSE(receipt->has_value());
  EXPECT_EQ(sink->log, Strings());
  engine.settle();
  ASSERT_TRUE(receipt->has_value());
  EXPECT_EQ((*receipt)->outcome, Outcome::kKept);
  EXPECT_EQ((*receipt)->at, (Position{sink->extent.epoch, 1}));
  EXPECT_EQ(sink->blocks, Strings({"data: one\n"}));
}

TEST(SqliteHistory, WhatIsClearedIsGoneForAllAndAfterARestartAndNumbersGoOnBehindIt) {
  Engine engine;
  const auto sink = engine.follow("news");
  const auto other = engine.follow("other");
  for (const char* key : {"1", "2", "3"}) engine.publish("news", "x", key);
  engine.publish("other", "x");
  EXPECT_EQ(engine.clear("news"), History::Cleared::kCleared);
  EXPECT_EQ(sink->log, Strings({"kept 1", "kept 2", "kept 3", "cleared 5"}));
  EXPECT_EQ(engine.blocks("news"), Strings());
  EXPECT_EQ(engine.clear("news"), History::Cleared::kNothing);
  EXPECT_EQ(engine.clear("never"), History::Cleared::kNothing);
  engine.restart();
  EXPECT_EQ(engine.extent("news"), (Extent{sink->extent.epoch, 5, 5}));
  EXPECT_EQ(engine.publish("news", "x", "1").sequence, 5u) << "the keys are gone with their events";
  EXPECT_EQ(engine.publish("news", "x", "1").sequence, 5u);
  EXPECT_EQ(engine.blocks("other").size(), 1u);
  EXPECT_EQ(other->log, Strings({"kept 1"}));
}

TEST(SqliteHistory, WhatIsHandedInBesideAClearingComesAfterIt) {
  Engine engine;
  const auto sink = engine.follow("news");
  engine.publish("news", "old");
  const auto first = engine.hand_in("news", "new");
  const auto cleared = engine.hand_in_clearing("news"), again = engine.hand_in_clearing("news");
  engine.settle();
  EXPECT_EQ(*cleared, History::Cleared::kCleared);
  EXPECT_EQ(*again, History::Cleared::kNothing);
  EXPECT_EQ(sink->log, Strings({"kept 1", "cleared 3", "kept 3"}));
  EXPECT_EQ((*first)->at.sequence, 3u);
  EXPECT_EQ(engine.blocks("news"), Strings({"data: new\n"}));
}

// A channel may have a million events: they go some at a time, and nobody waits for it.
TEST(SqliteHistory, AClearingIsAnsweredAtOnceAndItsEventsGoSomeAtATime) {
  Engine engine;
  for (int i = 0; i < 3000; ++i) engine.hand_in("large", std::to_string(i), std::to_string(i));
  engine.settle();
  const auto count = [&](const char* table) {
    Database database(engine.folder.database(), {}, Database::Mode::kReadOnly);
    return database.integer(("SELECT count(*) FROM " + std::string(table)).c_str());
  };
  const auto cleared = engine.hand_in_clearing("large");
  engine.history->step_writer();
  EXPECT_EQ(*cleared, History::Cleared::kCleared);
  EXPECT_GT(count("events"), 2000);
  EXPECT_EQ(engine.extent("other").epoch, engine.extent("large").epoch);  // which settles
  EXPECT_EQ(count("events"), 0);
  EXPECT_EQ(count("keys"), 0);
  EXPECT_EQ(count("channels"), 1);
  EXPECT_EQ(engine.publish("large", "next").sequence, 3002u);
}

TEST(SqliteHistory, WhatIsClearedIsGoneThoughItsServerIsStoppedBeforeItsEventsAre) {
  Engine engine;
  for (int i = 0; i < 1000; ++i) engine.hand_in("large", std::to_string(i));
  engine.settle();
  engine.hand_in_clearing("large");
  engine.history->step_writer();
  engine.restart();
  std::vector<History::Listed> listed;
  engine.history->list("", 10, [&](auto answer) { listed = std::move(answer).value(); });
  engine.history->step_reader();
  ASSERT_EQ(listed.size(), 1u) << "what is buried is nobody's to see";
  EXPECT_EQ(listed[0].name, "large");
  EXPECT_EQ(listed[0].extent.first, 1002u);
  engine.settle();
  Database database(engine.folder.database(), {}, Database::Mode::kReadOnly);
  EXPECT_EQ(database.integer("SELECT count(*) FROM events"), 0);
  EXPECT_EQ(database.integer("SELECT count(*) FROM channels"), 1);
}

TEST(SqliteHistory, OneCommitKeepsWhatHasGatheredWhateverTheChannel) {
  Engine engine;
  const auto news = engine.follow("news"), weather = engine.follow("weather");
  for (const char* text : {"1", "2", "3"}) {
    engine.hand_in("news", text);
    engine.hand_in("weather", text);
  }
  engine.history->step_writer();
  EXPECT_EQ(news->log, Strings({"kept 1", "kept 2", "kept 3"}));
  EXPECT_EQ(weather->log, news->log);
}

TEST(SqliteHistory, ALoopGetsTheAnswersOfACommitInOnePiece) {
  Engine engine;
  std::vector<PostBox::Work> posted;
  const auto box = std::make_shared<PostBox>([&](PostBox::Work work) { posted.push_back(std::move(work)); });
  int answers = 0;
  for (const char* text : {"1", "2", "3"}) {
    engine.history->append("news", text, {}, [&](const auto&) { box->post([&] { ++answers; }); });
  }
  engine.settle();
  ASSERT_EQ(posted.size(), 1u);
  posted.front()();
  EXPECT_EQ(answers, 3);
}

TEST(SqliteHistory, WhoOpensWhileEventsWaitIsToldOfThemAll) {
  Engine engine;
  engine.publish("news", "one");
  engine.hand_in("news", "two");
  const auto sink = engine.follow("news");
  EXPECT_EQ(sink->blocks, Strings({"data: two\n"}));
  EXPECT_EQ(sink->extent.next, 3u);
}

TEST(SqliteHistory, WhoeverWaitsForARunAtTheCloseGetsNone) {
  Engine engine;
  int answers = 0;
  engine.history->read("news", 1, 1, [&](const auto& run) { answers += run == nullptr; });
  engine.history->close();
  EXPECT_EQ(answers, 1);
}

// Bounds.

TEST(SqliteHistory, BeyondItsBytesTheQueueIsBusyAndSaysSoAtOnce) {
  Engine engine({.max_waiting_bytes = 2000});
  std::vector<std::shared_ptr<std::optional<History::Receipt>>> receipts;
  for (int count = 0; count < 10; ++count) receipts.push_back(engine.hand_in("news", std::string(500, 'x')));
  EXPECT_FALSE(receipts.front()->has_value());
  ASSERT_TRUE(receipts.back()->has_value());
  EXPECT_EQ((*receipts.back())->outcome, Outcome::kBusy);
  engine.settle();
  EXPECT_EQ((*receipts.front())->outcome, Outcome::kKept);
  EXPECT_GT(engine.publish("news", "later").sequence, 1u);
}

TEST(SqliteHistory, BeyondTheNamesThatMayWaitOpeningIsRefusedAtOnce) {
  Engine engine({.max_waiting_openings = 2});
  int opened = 0, refused = 0;
  for (const char* name : {"a", "b", "c"}) {
    engine.history->open(name, {}, [&](const auto& extent) { ++(extent ? opened : refused); });
  }
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(refused, 1);
  engine.settle();
  EXPECT_EQ(opened, 2);
  EXPECT_EQ(engine.extent("c").next, 1u);
}

TEST(SqliteHistory, BeyondItsReadersARunIsRefusedAtOnce) {
  Engine engine({.max_waiting_reads = 1});
  bool is_first = false, is_refused = false;
  engine.history->read("news", 1, 1, [&](const auto& run) { is_first = run != nullptr; });
  engine.history->read("news", 2, 1, [&](const auto& run) { is_refused = run == nullptr; });
  EXPECT_TRUE(is_refused);
  engine.settle();
  EXPECT_TRUE(is_first);
}

TEST(SqliteHistory, RequestsForTheSameRunAreOneSearch) {
  Engine engine;
  engine.publish("news", "one");
  std::vector<std::shared_ptr<const History::Run>> runs;
  for (int count = 0; count < 3; ++count) {
    engine.history->read("news", 1, 100, [&](auto run) { runs.push_back(std::move(run)); });
  }
  EXPECT_TRUE(engine.history->step_reader());
  EXPECT_FALSE(engine.history->step_reader());
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_EQ(runs[0], runs[2]);
}

TEST(SqliteHistory, ARunEndsBeforeAnEventThatIsMissingAndTheNextBeginsBehindIt) {
  Engine engine;
  for (const char* text : {"1", "2", "3", "4", "5"}) engine.publish("news", text);
  engine.stop();
  Database(engine.folder.database(), "", Database::Mode::kReadWrite)
      .execute(("DELETE FROM events WHERE id & " + std::to_string((1LL << HistoryFile::kSequenceBits) - 1) + " = 3")
                   .c_str());
  engine.start();
  EXPECT_EQ(engine.blocks("news"), Strings({"data: 1\n", "data: 2\n"}));
  for (const std::uint64_t from : {3u, 4u}) {
    const auto run = engine.read("news", from);
    EXPECT_EQ(run->begin.sequence, 4u);
    ASSERT_EQ(run->records.size(), 2u);
    EXPECT_EQ(run->records[0].at, run->begin);
    EXPECT_EQ(run->records[1].block, "data: 5\n");
  }
}

TEST(SqliteHistory, ARecordHasItsPlaceAndItsTime) {
  Engine engine;
  engine.publish("news", "one");
  engine.clock->advance(1500ms);
  const Position two = engine.publish("news", "two");
  const auto run = engine.read("news", 2);
  ASSERT_EQ(run->records.size(), 1u);
  EXPECT_EQ(run->records[0].at, two);
  EXPECT_EQ(run->records[0].time, Engine::kStart + 1500ms);
}

// Limits: a 64th more may be kept.

TEST(SqliteHistory, TheOldestGoBeyondTheCount) {
  Engine engine({.limits = {.max_events = 3}});
  const auto sink = engine.follow("news");
  for (const char* text : {"1", "2", "3", "4", "5"}) engine.publish("news", text);
  EXPECT_EQ(sink->log, Strings({"kept 1", "kept 2", "kept 3", "kept 4", "dropped 2", "kept 5", "dropped 3"}));
  EXPECT_EQ(engine.read("news", 2)->begin.sequence, 3u);
  EXPECT_EQ(engine.blocks("news", 3), Strings({"data: 3\n", "data: 4\n", "data: 5\n"}));
}

TEST(SqliteHistory, TheOldGoByThemselvesAndNumbersGoOn) {
  Engine engine({.limits = {.max_age = 64s}});
  const auto sink = engine.follow("news");
  const std::uint64_t epoch = engine.publish("news", "1").epoch;
  engine.clock->advance(30s);
  engine.publish("news", "2");
  engine.clock->advance(35s);
  EXPECT_LE(engine.extent("news").first, 2u);
  engine.settle();
  EXPECT_EQ(engine.extent("news"), (Extent{epoch, 2, 3}));
  engine.clock->advance(1h);
  engine.settle();
  EXPECT_EQ(sink->log, Strings({"kept 1", "kept 2", "dropped 2", "dropped 3"}));
  engine.restart();
  EXPECT_EQ(engine.extent("news"), (Extent{epoch, 3, 3}));
  EXPECT_EQ(engine.publish("news", "3"), (Position{epoch, 3}));
}

TEST(SqliteHistory, LimitsThatWereLoweredAreReachedInSmallSteps) {
  Engine engine;
  for (int count = 0; count < 1000; ++count) engine.hand_in("news", "x");
  engine.settle();
  engine.stop();
  engine.options.limits.max_events = 10;
  engine.start();
  EXPECT_TRUE(engine.history->step_writer());
  EXPECT_EQ(engine.read("news", 100)->begin.sequence, 991u);
  EXPECT_EQ(engine.extent("news"), (Extent{engine.extent("news").epoch, 991, 1001}));
}

// Epochs.

TEST(SqliteHistory, ANewFilesEpochIsNoneOfAnOlderOne) {
  Engine engine;
  const std::uint64_t epoch = engine.publish("news", "one").epoch;
  engine.stop();
  std::filesystem::remove(engine.folder.database());
  engine.clock->advance(1s);
  engine.start();
  EXPECT_GT(engine.publish("news", "one").epoch, epoch);
}

// How a run ended, whether the machine was started anew, and whether the epoch rises. The killed run is a copy of the
// folder's bytes put back after a clean end; its inode stays.
struct Ending {
  const char* name;
  Durability durability;
  bool is_killed, is_other_boot, rises;
};

class SqliteHistoryEpoch : public ::testing::TestWithParam<Ending> {};

void copy_bytes(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(from, to + ".new", std::filesystem::copy_options::overwrite_existing);
  std::string command = "cat '" + to + ".new' > '" + to + "' && rm '" + to + ".new'";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

TEST_P(SqliteHistoryEpoch, RisesOnlyWhereSomethingMayBeLost) {
  const Ending& ending = GetParam();
  Engine engine({.durability = ending.durability});
  const Position one = engine.publish("news", "one");
  const TestFolder killed;
  for (const char* file : {"/history.db", "/history.db-wal"}) {
    std::filesystem::copy_file(engine.folder.path() + file, killed.path() + file);
  }
  engine.stop();
  if (ending.is_killed) {
    for (const char* file : {"/history.db", "/history.db-wal"}) {
      copy_bytes(killed.path() + file, engine.folder.path() + file);
    }
  }
  if (ending.is_other_boot) engine.surroundings.boot_id = "second boot";
  engine.clock->advance(1s);
  engine.start();
  const Extent extent = engine.extent("news");
  EXPECT_EQ(extent.epoch > one.epoch, ending.rises);
  EXPECT_EQ(extent.next, 2u);
  EXPECT_EQ(engine.blocks("news"), Strings({"data: one\n"}));
}

INSTANTIATE_TEST_SUITE_P(Endings, SqliteHistoryEpoch,
                         ::testing::Values(Ending{"Closed", Durability::kProcess, false, false, false},
                                           Ending{"ClosedAndRebooted", Durability::kProcess, false, true, false},
                                           Ending{"Killed", Durability::kProcess, true, false, false},
                                           Ending{"KilledAndRebooted", Durability::kProcess, true, true, true},
                                           Ending{"PowerSafeKilledAndRebooted", Durability::kPower, true, true, false}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(SqliteHistory, ABackupPutInThePlaceOfTheFileBeginsAnotherEpoch) {
  Engine engine;
  const Position one = engine.publish("news", "one");
  engine.restart();
  const std::string file = engine.folder.database(), backup = file + ".backup";
  engine.publish("news", "two");
  engine.stop();
  std::filesystem::copy_file(file, backup);
  std::filesystem::rename(backup, file);
  engine.start();
  EXPECT_GT(engine.extent("news").epoch, one.epoch);
}

// Without the log a commit would be several syncs, and each reader would keep the writer waiting.
TEST(SqliteHistory, ABackupThatVacuumMadeIsWrittenByALogAgain) {
  Engine engine;
  engine.publish("news", "one");
  const std::string file = engine.folder.database(), backup = file + ".backup";
  Database(file, {}, Database::Mode::kReadWrite).execute(("VACUUM INTO '" + backup + "'").c_str());
  engine.stop();
  std::filesystem::rename(backup, file);
  engine.start();
  engine.publish("news", "two");
  Database database(file, {}, Database::Mode::kReadWrite);
  Statement mode(database, "PRAGMA journal_mode");
  ASSERT_TRUE(mode.step());
  EXPECT_EQ(mode.bytes(0), "wal");
  EXPECT_EQ(engine.blocks("news"), Strings({"data: one\n", "data: two\n"}));
}

// With its own threads.

TEST(SqliteHistory, ThreadsThatPublishAtOnceEachGetANumberOfTheirOwn) {
  const TestFolder folder;
  SqliteHistory history({.data_dir = folder.path(), .reserve_bytes = 65536});
  constexpr int kThreads = 4, kEach = 500;
  std::vector<std::atomic<int>> given(kThreads * kEach + 1);
  std::atomic<int> answers = 0, reads = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int count = 0; count < kEach; ++count) {
        history.append("news", "data: x\n", {}, [&](const History::Receipt& receipt) {
          if (receipt.outcome == Outcome::kKept) ++given.at(receipt.at.sequence);
          ++answers;
        });
        history.read("news", 1 + count / 100, 1000, [&](const auto&) { ++reads; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  history.close();
  EXPECT_EQ(answers, kThreads * kEach);
  EXPECT_EQ(reads, kThreads * kEach);
  for (int sequence = 1; sequence <= kThreads * kEach; ++sequence) EXPECT_EQ(given[sequence], 1) << sequence;
}

}  // namespace
}  // namespace tidings
