// A channel as the event stream that a client gets from a place on.
#include "tidings/server/history_tool/print.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/protocol/parser.h"
#include "tidings/server/disk/sqlite.h"
#include "tidings/tests/server/history/engine.h"

namespace tidings {
namespace {

using Strings = std::vector<std::string>;

// Type, data and id of each event, in that order.
struct Printed {
  std::string bytes;
  Strings types, data, ids;
};

Printed printed(const Engine& engine, const Printing& printing) {
  Printed printed;
  print(std::make_shared<HistoryView>(engine.folder.database(), ""), printing,
        [&](std::string_view bytes) { printed.bytes += bytes; });
  Parser parser;
  parser.feed(printed.bytes, [&](const ParsedEvent& event) {
    printed.types.emplace_back(event.type);
    printed.data.emplace_back(event.data);
    printed.ids.emplace_back(event.last_event_id);
  });
  return printed;
}

std::string refusal(const Engine& engine, const Printing& printing) {
  try {
    printed(engine, printing);
    return "none";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

struct Three : Engine {
  Three() {
    for (const char* text : {"1", "2", "3"}) publish("news", text);
  }
};

TEST(Print, WithoutAPlaceAllThatIsKeptComesWithItsIds) {
  Three engine;
  const Printed all = printed(engine, {.channel = "news"});
  EXPECT_EQ(all.data, Strings({"1", "2", "3"}));
  const std::string epoch = all.ids.front().substr(0, all.ids.front().find('-'));
  EXPECT_EQ(all.ids, Strings({epoch + "-1", epoch + "-2", epoch + "-3"}));
  EXPECT_EQ(all.bytes.substr(0, all.bytes.find("data: 2")), "data: 1\nid: " + epoch + "-1\n\n");
}

TEST(Print, BehindAnIdComesWhatAClientHasNotHad) {
  Three engine;
  const Strings ids = printed(engine, {.channel = "news"}).ids;
  EXPECT_EQ(printed(engine, {.channel = "news", .after = ids[1]}).data, Strings({"3"}));
  EXPECT_EQ(printed(engine, {.channel = "news", .after = ids[2]}).bytes, "");
}

TEST(Print, FromANumberAndNoMoreThanAskedFor) {
  Three engine;
  EXPECT_EQ(printed(engine, {.channel = "news", .from = 2}).data, Strings({"2", "3"}));
  EXPECT_EQ(printed(engine, {.channel = "news", .from = 2, .events = 1}).data, Strings({"2"}));
  EXPECT_EQ(printed(engine, {.channel = "news", .from = 4}).bytes, "");
}

TEST(Print, AnIdOfNobodyIsAGapAndThenAllThatIsKept) {
  Three engine;
  for (const char* id : {"abcdefgh-2", "?", "\x1b[2J"}) {
    const Printed stranger = printed(engine, {.channel = "news", .after = id});
    EXPECT_EQ(stranger.types, Strings({"gap", "message", "message", "message"})) << id;
    EXPECT_EQ(stranger.data.back(), "3");
    EXPECT_EQ(stranger.bytes.find('\x1b'), stranger.bytes.npos) << "it is escaped";
  }
}

TEST(Print, APlaceThatIsNoLongerKeptIsAGapAndThenTheOldestEvent) {
  Three engine;
  const std::string first = printed(engine, {.channel = "news"}).ids.front();
  engine.options.limits.max_events = 1;
  engine.restart();
  engine.publish("news", "4");
  EXPECT_EQ(printed(engine, {.channel = "news"}).data, Strings({"4"}));
  const Printed gap = printed(engine, {.channel = "news", .after = first});
  EXPECT_EQ(gap.types, Strings({"gap", "message"}));
  EXPECT_EQ(gap.data[1], "4");
  EXPECT_EQ(printed(engine, {.channel = "news", .from = 1}).types, gap.types);
}

TEST(Print, WhatIsDroppedMeanwhileIsAGap) {
  Engine engine({.limits = {.max_events = 1000}});
  const std::string large(130'000, 'x');  // one in a run
  for (int count = 0; count < 4; ++count) engine.publish("news", large + std::to_string(count));
  Strings types;
  Parser parser;
  print(std::make_shared<HistoryView>(engine.folder.database(), ""), {.channel = "news"}, [&](std::string_view bytes) {
    parser.feed(bytes, [&](const ParsedEvent& event) { types.emplace_back(event.type); });
    if (types.size() != 1) return;
    engine.options.limits.max_events = 1;
    engine.restart();
    engine.settle();
  });
  EXPECT_EQ(types, Strings({"message", "gap", "message"}));
}

TEST(Print, ANameThatIsForgottenIsNotOneThatWasNeverThere) {
  Engine engine({.limits = {.max_age = std::chrono::seconds(64)}, .max_quiet_channels = 0});
  EXPECT_EQ(refusal(engine, {.channel = "news"}), "Nothing was ever published to news");
  engine.publish("news", "1");
  engine.clock->advance(std::chrono::seconds(70));
  engine.settle();
  engine.publish("other", "2");
  EXPECT_EQ(refusal(engine, {.channel = "news"}),
            "Nothing is kept of news: nothing was published to it, or so long ago that its name is forgotten");
  EXPECT_EQ(printed(engine, {.channel = "news", .after = "other-1"}).types, Strings({"gap"})) << "as from the server";
}

TEST(Print, AFileOfVersion1IsPrintedAsItIs) {
  Three engine;
  engine.stop();
  Database(engine.folder.database(), {}, Database::Mode::kReadWrite)
      .execute("ALTER TABLE meta DROP COLUMN floor; PRAGMA user_version = 1");
  EXPECT_EQ(printed(engine, {.channel = "news"}).data, Strings({"1", "2", "3"}));
  EXPECT_EQ(refusal(engine, {.channel = "new"}), "Nothing was ever published to new");
}

TEST(Print, WhatEventsHoldComesAsItIs) {
  Engine engine;
  const std::string data = "\x1b[2J\x07 \xc3\xa4";
  engine.publish("A.z_~-9", data);
  EXPECT_EQ(printed(engine, {.channel = "A.z_~-9"}).data, Strings({data}));
}

TEST(Print, AChannelOrANumberThatIsNotThereIsASentence) {
  Three engine;
  EXPECT_EQ(refusal(engine, {.channel = "new"}), "Nothing was ever published to new");
  EXPECT_EQ(refusal(engine, {.channel = "news", .from = 5}),
            "The channel news has no event 5: its events kept are 1 to 3");
  EXPECT_EQ(refusal(engine, {.channel = "news", .from = 0}),
            "The channel news has no event 0: its events kept are 1 to 3");
}

TEST(Print, AnEventThatIsMissingIsAGap) {
  Three engine;
  engine.stop();
  Database(engine.folder.database(), {}, Database::Mode::kReadWrite)
      .execute("DELETE FROM events WHERE id = (1 << 43) + 2");
  EXPECT_EQ(printed(engine, {.channel = "news"}).types, Strings({"message", "gap", "message"}));
}

}  // namespace
}  // namespace tidings
