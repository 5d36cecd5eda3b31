// What the check finds in a file that somebody has damaged; each is a sentence.
#include "tidings/server/history_tool/check.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

using Strings = std::vector<std::string>;

Strings faults(const std::string& database) {
  Strings faults;
  HistoryView view(database, "");
  const bool is_sound = check(view, {.tell_fault = [&](const std::string& fault) { faults.push_back(fault); },
                                     .tell_progress = [](auto, auto, auto) {}});
  EXPECT_EQ(is_sound, faults.empty());
  return faults;
}

// Of two channels, with and without keys, the first of which has dropped its oldest events.
struct Sound : Engine {
  Sound() : Engine({.limits = {.max_events = 4}}) {
    for (const char* text : {"1", "2", "3", "4", "5", "6", "7"}) publish("news", text, "key" + std::string(text));
    publish("weather", "rain");
  }
};

TEST(Check, ASoundHistoryHasNoFaultAlsoWhileItIsOpen) {
  Sound engine;
  EXPECT_EQ(faults(engine.folder.database()), Strings());
  engine.stop();
  EXPECT_EQ(faults(engine.folder.database()), Strings());
}

struct Damage {
  const char* name;
  const char* sql;
  const char* fault;
};

class CheckFinds : public ::testing::TestWithParam<Damage> {};

TEST_P(CheckFinds, InASentence) {
  Sound engine;
  engine.stop();
  Database(engine.folder.database(), {}, Database::Mode::kReadWrite).execute(GetParam().sql);
  EXPECT_EQ(faults(engine.folder.database()), Strings({GetParam().fault}));
}

INSTANTIATE_TEST_SUITE_P(
    Damages, CheckFinds,
    ::testing::Values(
        Damage{"AnEventThatIsMissing",
               "UPDATE channels SET bytes = bytes - 8 WHERE id = 1; DELETE FROM events WHERE id = (1 << 43) + 5; "
               "DELETE FROM keys WHERE sequence = 5",
               "The channel news should have the events 4 to 7, and 3 are there, not exactly these"},
        Damage{"AnEventThatWasDropped", "UPDATE channels SET first = 5, bytes = bytes WHERE id = 1",
               "The channel news should have the events 5 to 7, and 4 are there, not exactly these"},
        Damage{"BytesThatAreWrong", "UPDATE channels SET bytes = 1 WHERE id = 2",
               "The channel weather should have 1 bytes, and its events have 11"},
        Damage{"AKeyOfNoEvent", "UPDATE keys SET sequence = 9 WHERE sequence = 5",
               "The channel news has 4 keys, 1 of them not their events', and 4 events with a key"},
        Damage{"AKeyThatIsMissing", "DELETE FROM keys WHERE sequence = 5",
               "The channel news has 3 keys, 0 of them not their events', and 4 events with a key"},
        Damage{"AnotherTime", "UPDATE channels SET oldest = 5 WHERE id = 2",
               "The channel weather has another time than its oldest event"},
        Damage{"ANameThatIsNone", "UPDATE channels SET name = x'1b5b324a' WHERE id = 2",
               "The channel of row 2 has a name that no channel can have"},
        Damage{"AnEndBeforeTheBeginning", "UPDATE channels SET first = 3, next = 2 WHERE id = 2",
               "The channel weather begins at 3 and ends before 2"},
        Damage{"EventsOfNobody", "INSERT INTO events VALUES ((9 << 43) + 1, 1, x'0a', NULL)",
               "There are events of a channel 9, which is not there"},
        Damage{"KeysOfNobody", "INSERT INTO keys VALUES (9, 'key', 1)",
               "There are keys of a channel 9, which is not there"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Check, PagesThatAreOverwrittenAreFaultsAndNoEndOfTheProgram) {
  Engine engine;
  for (int count = 0; count < 2000; ++count) engine.hand_in("news", std::string(100, 'x'));
  engine.settle();
  engine.stop();
  const std::string path = engine.folder.database();
  const auto pages = static_cast<long>(std::filesystem::file_size(path) / 4096);
  for (long page = 7; page < pages; page += 9) {
    std::FILE* const file = std::fopen(path.c_str(), "r+b");
    std::fseek(file, page * 4096, SEEK_SET);
    const std::string bytes(4096, '\x5a');
    std::fwrite(bytes.data(), 1, bytes.size(), file);
    std::fclose(file);
  }
  EXPECT_FALSE(faults(path).empty());
}

}  // namespace
}  // namespace tidings
