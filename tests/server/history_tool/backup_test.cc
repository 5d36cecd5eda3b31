// A backup is whole, is taken for a copy, and overwrites nothing.
#include "tidings/server/history_tool/backup.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

std::uintmax_t back_up(const Engine& engine, const fs::path& file) {
  HistoryView view(engine.folder.database(), "");
  return tidings::back_up(view, engine.folder.database(), file);
}

std::string refusal(const Engine& engine, const fs::path& file) {
  try {
    back_up(engine, file);
    return "none";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST(Backup, HoldsWhatWasKeptAtItsMomentAndBeginsAnotherEpoch) {
  Engine engine;
  const Position one = engine.publish("news", "one", "key");
  const TestFolder elsewhere;
  const fs::path file = elsewhere.path() + "/monday.db";
  const std::uintmax_t bytes = back_up(engine, file);
  EXPECT_EQ(bytes, fs::file_size(file));
  engine.publish("news", "two");
  engine.stop();
  // Written over the file, which keeps its number on the disk: the backup has that of none.
  std::ofstream(engine.folder.database(), std::ios::binary) << std::ifstream(file, std::ios::binary).rdbuf();
  engine.clock->advance(std::chrono::seconds(1));
  engine.start();
  const Position again = engine.publish("news", "one", "key");
  EXPECT_GT(again.epoch, one.epoch);
  EXPECT_EQ(again.sequence, 1u) << "the key is known";
  EXPECT_EQ(engine.blocks("news"), Strings({"data: one\n"}));
}

TEST(Backup, IsAsOpenToOthersAsTheHistory) {
  Engine engine;
  fs::permissions(engine.folder.database(), fs::perms::owner_read | fs::perms::owner_write);
  const TestFolder elsewhere;
  back_up(engine, elsewhere.path() + "/x");
  EXPECT_EQ(fs::status(elsewhere.path() + "/x").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Backup, LeavesNothingElseBehindAndOverwritesNothing) {
  Engine engine;
  const TestFolder elsewhere;
  const std::string file = elsewhere.path() + "/mine";
  std::ofstream(file) << "mine";
  EXPECT_EQ(refusal(engine, file),
            "The backup " + file + " can't be written: there is a file of that name, which stays as it is");
  EXPECT_EQ(fs::file_size(file), 4u);
  EXPECT_EQ(
      refusal(engine, elsewhere.path() + "/none/x"),
      "The backup " + elsewhere.path() + "/none/x can't be written: there is no folder " + elsewhere.path() + "/none");
  const std::string inside = engine.folder.path() + "/history.db-journal";
  EXPECT_EQ(refusal(engine, inside),
            "The backup " + inside + " can't be written: give it another folder than the history's own");
  EXPECT_TRUE(refusal(engine, "/proc/self/x").starts_with("The backup /proc/self/x can't be written: "));
  EXPECT_EQ(refusal(engine, elsewhere.path() + "/x"), "none");
  EXPECT_EQ(std::distance(fs::directory_iterator(elsewhere.path()), {}), 2);
}

}  // namespace
}  // namespace tidings
