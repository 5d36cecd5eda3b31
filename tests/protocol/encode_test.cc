#include "tidings/protocol/encode.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/parser.h"

namespace tidings {
namespace {

std::string encoded(const Event& event) {
  std::string out;
  encode(event, out);
  return out;
}

using namespace std::chrono_literals;

TEST(Encode, ExactBytes) {
  struct Row {
    const char* name;
    Event event;
    std::string_view bytes;
  };
  const std::vector<Row> rows = {
      {"data alone", Event("now"), "data: now\n\n"},
      {"no data is one empty line", Event(""), "data: \n\n"},
      {"type, id and reconnection time",
       Event("tick", "x").with_id("a:1").with_reconnection_time(std::chrono::milliseconds(1500)),
       "retry: 1500\nevent: tick\ndata: x\nid: a:1\n\n"},
      {"a comment of two lines", Event("x").with_comment("why\nso"), ": why\n: so\ndata: x\n\n"},
      {"an empty id clears the last one", Event("x").with_id(""), "data: x\nid: \n\n"},
      {"LF", Event("a\nb"), "data: a\ndata: b\n\n"},
      {"CR", Event("a\rb"), "data: a\ndata: b\n\n"},
      {"CRLF is one line end", Event("a\r\nb"), "data: a\ndata: b\n\n"},
      {"LF CR are two", Event("a\n\rb"), "data: a\ndata: \ndata: b\n\n"},
      {"a trailing line end is kept", Event("a\n"), "data: a\ndata: \n\n"},
      {"a leading space is kept", Event(" a"), "data:  a\n\n"},
      {"data that looks like a field", Event("id: 3\n\nevent: x"), "data: id: 3\ndata: \ndata: event: x\n\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(encoded(row.event), row.bytes) << row.name;
}

TEST(Encode, AppendsAndLeavesWhatIsThere) {
  std::string out = "before";
  encode(Event("x"), out);
  EXPECT_EQ(out, "beforedata: x\n\n");
}

TEST(Encode, SaysWhereTheLinesBegin) {
  std::string out = "before";
  const Event event = Event("tick", "a\nb").with_reconnection_time(1ms).with_comment("why").with_id("7");
  const EventLines lines = encode(event, out);
  const std::string block = out.substr(std::string_view("before").size());
  EXPECT_EQ(block.substr(0, lines.type), ": why\nretry: 1\n");
  EXPECT_EQ(block.substr(lines.type, lines.data - lines.type), "event: tick\n");
  EXPECT_EQ(block.substr(lines.data, lines.id - lines.data), "data: a\ndata: b\n");
  EXPECT_EQ(block.substr(lines.id), "id: 7\n\n");
  std::string another;
  encode_with_id(event, "8", another);
  EXPECT_EQ(another, block.substr(0, lines.id) + "id: 8\n\n");
}

// Some clients take an id for had when its line has come: what is cut behind it would be lost to them.
TEST(Encode, TheIdIsAnEventsLastLine) {
  const std::string bytes = encoded(Event("tick", "a\nb").with_id("7").with_reconnection_time(1ms).with_comment("c"));
  EXPECT_TRUE(bytes.ends_with("\nid: 7\n\n")) << bytes;
}

TEST(Encode, ACommentIsALineALineAndDispatchesNothing) {
  std::string out;
  encode_comment("", out);
  encode_comment("two\nlines", out);
  EXPECT_EQ(out, ":\n: two\n: lines\n");  // blank lines would be events to some clients
  Parser parser;
  EXPECT_EQ(parser.feed(out, [](const ParsedEvent&) { FAIL() << "a comment was dispatched"; }), Parser::Status::kOk);
}

TEST(Encode, AReconnectionTimeAloneDispatchesNothing) {
  std::string out;
  encode_reconnection_time(std::chrono::milliseconds(250), out);
  EXPECT_EQ(out, "retry: 250\n");
}

std::string with_line_feeds(std::string_view data) {
  std::string out;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] == '\r') {
      out += '\n';
      if (i + 1 < data.size() && data[i + 1] == '\n') ++i;
    } else {
      out += data[i];
    }
  }
  return out;
}

TEST(Encode, ParsesBackToTheSameEvent) {
  static constexpr std::string_view kPieces[] = {
      "a",   " ", ":", "\r", "\n", "\r\n", std::string_view("\0", 1), "\xE2\x82\xAC", "data: ", "\xF0\x9F\x93\xB0",
      "id:1"};
  constexpr unsigned kSeed = 20261125;
  std::mt19937 random(kSeed);
  const auto text = [&](bool is_field) {
    std::string out;
    for (unsigned count = random() % 12; count > 0; --count) {
      const std::string_view piece = kPieces[random() % std::size(kPieces)];
      if (!is_field || FieldValue::is_valid(piece)) out += piece;
    }
    return out;
  };
  for (int round = 0; round < 5000; ++round) {
    const FieldValue type = *FieldValue::from(text(true));
    const FieldValue id = *FieldValue::from(text(true));
    const std::string data = text(false);
    const std::string bytes = encoded(Event(type, data).with_id(id));
    std::size_t count = 0;
    Parser parser;
    parser.feed(bytes, [&](const ParsedEvent& event) {
      ++count;
      EXPECT_EQ(event.type, type.view().empty() ? "message" : type.view());
      EXPECT_EQ(event.last_event_id, id.view());
      EXPECT_EQ(event.data, with_line_feeds(data));
    });
    ASSERT_EQ(count, 1u) << "seed " << kSeed << ", round " << round << ": " << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace tidings
