// What the engine says of a folder or a file that it can't use; nothing that lies there is changed.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tidings/server/disk/sqlite.h"
#include "tidings/server/history/history_file.h"
#include "tidings/server/history/sqlite_history.h"
#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

std::string refusal(const std::string& folder) {
  try {
    const SqliteHistory history({.data_dir = folder, .reserve_bytes = 65536});
    return "none";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

void run_sql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST(SqliteHistoryRefuses, AFolderThatIsMissing) {
  EXPECT_EQ(
      refusal("/nowhere/at/all"),
      "The data folder /nowhere/at/all can't be used: No such file or directory. Make it first, so that a mistyped "
      "name begins no new history");
}

TEST(SqliteHistoryRefuses, AFileInThePlaceOfTheFolder) {
  const TestFolder folder;
  put(folder.path() + "/file", "");
  EXPECT_EQ(refusal(folder.path() + "/file"), "The data folder " + folder.path() + "/file is not a folder");
}

TEST(SqliteHistoryRefuses, AFolderThatCannotBeWrittenTo) {
  // Not even root makes files there.
  EXPECT_TRUE(refusal("/proc/self").starts_with("The data folder /proc/self can't be written to: "))
      << refusal("/proc/self");
}

TEST(SqliteHistoryRefuses, AFolderThatIsHeldInThisProcess) {
  const TestFolder folder;
  const SqliteHistory history({.data_dir = folder.path(), .reserve_bytes = 65536});
  EXPECT_EQ(refusal(folder.path()),
            "The data folder " + folder.path() + " is used by another server: each needs its own");
}

TEST(SqliteHistoryRefuses, AFolderThatAnotherProcessHoldsUntilThatIsGone) {
  const TestFolder folder;
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    const DataFolder held(folder.path());
    char byte = 0;
    if (write(ready[1], "x", 1) != 1 || read(done[0], &byte, 1) != 1) _exit(1);
    _exit(0);  // as if killed: nothing is let go of by hand
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(refusal(folder.path()),
            "The data folder " + folder.path() + " is used by another server: each needs its own");
  ASSERT_EQ(write(done[1], "x", 1), 1);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(refusal(folder.path()), "none");
}

TEST(SqliteHistoryRefuses, AFileThatIsNoDatabaseAndLeavesItAsItIs) {
  const TestFolder folder;
  const std::string bytes(5000, 'x');
  put(folder.database(), bytes);
  EXPECT_EQ(refusal(folder.path()), "The history in " + folder.database() +
                                        " can't be opened: it is damaged or no database (file is not a database): put "
                                        "a backup in its place, or move it away to begin anew");
  EXPECT_EQ(content(folder.database()), bytes);
}

TEST(SqliteHistoryRefuses, AFileThatIsCutShortAndLeavesItAsItIs) {
  Engine engine;
  for (int count = 0; count < 300; ++count) engine.publish("news", std::string(200, 'x'));
  engine.stop();
  std::filesystem::resize_file(engine.folder.database(), 10'000);
  const std::string bytes = content(engine.folder.database());
  EXPECT_TRUE(refusal(engine.folder.path())
                  .starts_with("The history in " + engine.folder.database() +
                               " can't be opened: it is damaged or no database ("))
      << refusal(engine.folder.path());
  EXPECT_EQ(content(engine.folder.database()), bytes);
}

TEST(SqliteHistoryRefuses, ADatabaseOfSomebodyElseAndLeavesItAsItIs) {
  const TestFolder folder;
  run_sql(folder.database(), "CREATE TABLE recipes (name TEXT)");
  const std::string bytes = content(folder.database());
  EXPECT_EQ(refusal(folder.path()), "The history in " + folder.database() +
                                        " can't be opened: it is a database, but none of this program's: move it "
                                        "away, or name another folder");
  EXPECT_EQ(content(folder.database()), bytes);
}

TEST(SqliteHistoryRefuses, WhoMayNotWriteIsToldWhoMay) {
  for (const int code : {SQLITE_CANTOPEN, SQLITE_READONLY_CANTINIT}) {
    EXPECT_EQ(
        why_not("/robot/history.db", "opened", SqliteError(code, "unable to open database file")),
        "The history in /robot/history.db can't be opened: this user may not write there, as who only reads has to "
        "while a server runs (unable to open database file): be the user whose folder it is");
  }
}

TEST(SqliteHistoryRefuses, AFileOfANewerVersion) {
  Engine engine;
  engine.stop();
  run_sql(engine.folder.database(), "PRAGMA user_version = 7");
  EXPECT_EQ(refusal(engine.folder.path()),
            "The history in " + engine.folder.database() +
                " can't be opened: it was written by a newer version of this program: its format is 7, and this "
                "version knows 2 at most");
}

}  // namespace
}  // namespace tidings
