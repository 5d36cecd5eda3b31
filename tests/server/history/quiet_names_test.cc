// Names that have no events any more: their next numbers are known for a while, then they are forgotten, and no number
// of theirs ever comes twice.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tidings/server/disk/sqlite.h"
#include "tidings/tests/server/history/engine.h"
#include "tidings/tests/server/history/faulty_disk.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

class QuietNames : public testing::Test {
 protected:
  static SqliteHistory::Options options(std::size_t max_quiet_channels) {
    return {.limits = {.max_age = 64s}, .max_quiet_channels = max_quiet_channels};
  }
  // Until every event is too old and gone.
  static void age(Engine& engine) {
    engine.clock->advance(70s);
    engine.settle();
  }
  static std::int64_t ask(const Engine& engine, const std::string& vfs, const char* sql) {
    return Database(engine.folder.database(), vfs, Database::Mode::kReadWrite).integer(sql);
  }
  static std::int64_t ask(const Engine& engine, const char* sql) { return ask(engine, "", sql); }
};

TEST_F(QuietNames, ThoseQuietTheLongestAreForgottenAndTheirRowsAndIdsAreFree) {
  Engine engine(options(2));
  for (int round = 0; round < 3; ++round) {
    for (char name = 'a'; name <= 'j'; ++name) {
      engine.publish(std::string(1, name), "x");
      engine.clock->advance(1s);
    }
    age(engine);
    engine.publish("trigger" + std::to_string(round), "x");
    EXPECT_EQ(ask(engine, "SELECT count(*) FROM channels"), 3) << "i, j and the trigger";
    EXPECT_LE(ask(engine, "SELECT max(id) FROM channels"), 12);
  }
  EXPECT_EQ(engine.extent("j").next, 4u) << "its own next";
  const std::uint64_t floor = engine.extent("a").next;
  EXPECT_GE(floor, 4u);
  EXPECT_EQ(engine.extent("a"), (Extent{engine.extent("j").epoch, floor, floor}));
  engine.restart();
  EXPECT_EQ(engine.extent("a").next, floor);
  EXPECT_EQ(engine.publish("a", "x").sequence, floor);
}

TEST_F(QuietNames, WhoFollowsOneIsToldOfTheNumberThatComesNext) {
  Engine engine(options(0));
  const auto early = engine.follow("a"), unpublished = engine.follow("b");
  engine.publish("a", "1");
  for (int i = 0; i < 3; ++i) engine.publish("others", "x");
  age(engine);
  engine.publish("trigger", "x");
  EXPECT_EQ(engine.extent("others").next, 4u);
  EXPECT_EQ(engine.publish("a", "2").sequence, 2u);
  EXPECT_EQ(engine.publish("b", "1").sequence, 1u);
  EXPECT_EQ(early->log, Strings({"kept 1", "dropped 2", "kept 2"}));
  EXPECT_EQ(unpublished->log, Strings({"kept 1"}));
  EXPECT_EQ(engine.extent("nobody").next, 4u) << "the floor";
}

TEST_F(QuietNames, AFileFromBeforeTheFloorIsMigrated) {
  Engine engine;
  const Position one = engine.publish("news", "1");
  engine.stop();
  Database(engine.folder.database(), "", Database::Mode::kReadWrite)
      .execute("ALTER TABLE meta DROP COLUMN floor; PRAGMA user_version = 1");
  engine.start();
  EXPECT_EQ(engine.publish("news", "2"), (Position{one.epoch, 2}));
  EXPECT_EQ(ask(engine, "PRAGMA user_version"), 2);
}

// Names are published to, followed, left and grow quiet in any order, and the process is killed: each name's numbers
// only rise, and rows don't gather. RecordingSink sees that followers are told without a hole.
TEST_F(QuietNames, InAnyScheduleNoNumberComesTwice) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    FaultyDisk disk("quiet", seed);
    Engine engine(options(3), disk.name());
    std::map<std::string, std::uint64_t> last;
    std::map<std::string, std::shared_ptr<RecordingSink>> sinks;
    for (int i = 0; i < 100; ++i) {
      const std::string name(1, static_cast<char>('a' + random() % 20));
      switch (random() % 8) {
        case 0: sinks[name] = engine.follow(name); break;
        case 1: sinks.erase(name); break;
        case 2: age(engine); break;
        case 4:
          if (random() % 2 == 0) engine.clear(name);
          break;
        case 3:
          if (random() % 4 != 0) break;
          sinks.clear();
          disk.die();
          engine.stop();
          disk.revive_after_kill();
          engine.start();
          break;
        default: {
          const std::uint64_t sequence = engine.publish(name, "x").sequence;
          ASSERT_GT(sequence, last[name]) << name;
          last[name] = sequence;
        }
      }
    }
    sinks.clear();
    age(engine);
    for (int i = 0; i < 3; ++i) engine.publish("trigger", "x");
    ASSERT_LE(ask(engine, disk.name(), "SELECT count(*) FROM channels"), 4);
    ASSERT_LE(ask(engine, disk.name(), "SELECT max(id) FROM channels"), 22);
  }
}

}  // namespace
}  // namespace tidings
