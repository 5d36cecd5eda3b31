// A history engine in a folder of the test's own, as verbs. Nothing runs by itself: what was handed in is kept when the
// test says so, on a clock that it moves.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/history/sqlite_history.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {

// A follower: what it was told, in order.
class RecordingSink final : public History::Sink {
 public:
  void kept(std::span<const Record> records) override {
    for (const Record& record : records) {
      EXPECT_EQ(record.at.sequence, extent.next) << "kept() goes on where the last one ended";
      EXPECT_EQ(record.at.epoch, extent.epoch);
      ++extent.next;
      blocks.emplace_back(record.block);
      log.push_back("kept " + std::to_string(record.at.sequence));
    }
  }
  void dropped(std::uint64_t first) override {
    EXPECT_GT(first, extent.first);
    extent.first = first;
    log.push_back("dropped " + std::to_string(first));
  }
  void cleared(std::uint64_t next) override {
    EXPECT_EQ(next, extent.next + 1) << "one number is left out";
    extent.first = extent.next = next;
    blocks.clear();
    log.push_back("cleared " + std::to_string(next));
  }
  void began(const Extent& now) override {
    EXPECT_GT(now.epoch, extent.epoch);
    extent = now;
    log.push_back("began");
  }

  Extent extent;
  std::vector<std::string> blocks, log;
};

// An empty folder, gone with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string path = ::testing::TempDir() + "/history.XXXXXX";
    path_ = mkdtemp(path.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/history.db"; }

 private:
  std::string path_;
};

class Engine {
 public:
  static constexpr std::chrono::sys_seconds kStart{std::chrono::seconds(1'795'573'400)};  // 2026-11-25T02:23:20Z

  // `vfs` as of the engine's surroundings.
  explicit Engine(SqliteHistory::Options with = {}, std::string vfs = {}) : options(std::move(with)) {
    surroundings.vfs = std::move(vfs);
    options.data_dir = folder.path();
    options.reserve_bytes = 64 * 1024;
    surroundings.clock = clock;
    surroundings.boot_id = "first boot";
    surroundings.has_threads = false;
    start();
  }

  void start() { history = std::make_unique<SqliteHistory>(options, surroundings); }
  void stop() { history.reset(); }
  void restart() {
    stop();
    start();
  }

  // Answered once it is kept, by settle().
  std::shared_ptr<std::optional<History::Receipt>> hand_in(std::string name, std::string text,
                                                           std::optional<std::string> key = {}) {
    auto receipt = std::make_shared<std::optional<History::Receipt>>();
    history->append(std::move(name), "data: " + text + "\n", std::move(key), [receipt](const History::Receipt& answer) {
      EXPECT_FALSE(receipt->has_value()) << "one receipt for each append";
      *receipt = answer;
    });
    return receipt;
  }
  void settle() {
    while (history->step_writer()) {
    }
    while (history->step_reader()) {
    }
  }
  // The position of an event that is handed in and kept; 0 when it was not kept.
  Position publish(std::string name, std::string text, std::optional<std::string> key = {}) {
    const auto receipt = hand_in(std::move(name), std::move(text), std::move(key));
    settle();
    if (!receipt->has_value()) ADD_FAILURE() << "no receipt";
    return receipt->value_or(History::Receipt()).at;
  }
  std::shared_ptr<RecordingSink> follow(std::string name) {
    auto sink = std::make_shared<RecordingSink>();
    history->open(std::move(name), sink, [sink](std::optional<Extent> extent) {
      ASSERT_TRUE(extent.has_value());
      sink->extent = *extent;
    });
    settle();
    return sink;
  }
  Extent extent(std::string name) { return follow(std::move(name))->extent; }

  std::shared_ptr<const History::Run> read(std::string name, std::uint64_t from, std::size_t max_bytes = 1 << 20) {
    std::shared_ptr<const History::Run> run;
    history->read(std::move(name), from, max_bytes, [&](auto answer) { run = std::move(answer); });
    settle();
    return run;
  }
  // Answered once it is done, by settle().
  std::shared_ptr<std::optional<History::Cleared>> hand_in_clearing(std::string name) {
    auto cleared = std::make_shared<std::optional<History::Cleared>>();
    history->clear(std::move(name), [cleared](History::Cleared answer, std::string_view) {
      EXPECT_FALSE(cleared->has_value()) << "one answer for each clearing";
      *cleared = answer;
    });
    return cleared;
  }
  History::Cleared clear(std::string name) {
    const auto cleared = hand_in_clearing(std::move(name));
    settle();
    if (!cleared->has_value()) ADD_FAILURE() << "no answer";
    return cleared->value_or(History::Cleared::kFailed);
  }
  // What is kept from there on.
  std::vector<std::string> blocks(std::string name, std::uint64_t from = 1) {
    std::vector<std::string> blocks;
    if (const auto run = read(std::move(name), from)) {
      for (const Record& record : run->records) blocks.emplace_back(record.block);
    }
    return blocks;
  }

  TestFolder folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(kStart);
  SqliteHistory::Options options;
  SqliteHistory::Surroundings surroundings;
  std::unique_ptr<SqliteHistory> history;
};

}  // namespace tidings
