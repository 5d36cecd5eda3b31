#include "protocol/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

struct Dispatched {
  std::string type, data, last_event_id;
  bool operator==(const Dispatched&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Dispatched& event) {
  return out << '{' << testing::PrintToString(event.type) << ", " << testing::PrintToString(event.data) << ", "
             << testing::PrintToString(event.last_event_id) << '}';
}

struct Outcome {
  std::vector<Dispatched> events;
  std::string last_event_id;
  std::optional<std::chrono::milliseconds> reconnection_time;
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  out << testing::PrintToString(outcome.events) << " last id " << testing::PrintToString(outcome.last_event_id);
  if (outcome.reconnection_time) out << " retry " << outcome.reconnection_time->count();
  return out;
}

Outcome parse(const std::vector<std::string_view>& chunks) {
  Parser parser;
  Outcome outcome;
  for (const std::string_view chunk : chunks) {
    parser.feed(chunk, [&](const ParsedEvent& event) {
      outcome.events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
    });
  }
  outcome.last_event_id = parser.last_event_id();
  outcome.reconnection_time = parser.reconnection_time();
  return outcome;
}

struct Row {
  const char* name;
  std::string bytes;
  std::vector<Dispatched> events;
  std::string last_event_id = {};
  std::optional<std::chrono::milliseconds> reconnection_time = {};
};

using std::chrono::milliseconds;
using namespace std::string_literals;

// The rules are those of "Parsing an event stream" and "Interpreting an event stream".
const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"nothing", "", {}},
      {"data", "data: a\n\n", {{"message", "a", ""}}},
      {"CR ends lines", "data: a\r\r", {{"message", "a", ""}}},
      {"CRLF ends lines", "data: a\r\n\r\n", {{"message", "a", ""}}},
      {"mixed line ends", "data: a\rdata: b\r\ndata: c\n\r", {{"message", "a\nb\nc", ""}}},
      {"a byte order mark",
       "\xEF\xBB\xBF"
       "data: a\n\n",
       {{"message", "a", ""}}},
      {"a second byte order mark is a part of a name",
       "\xEF\xBB\xBF\xEF\xBB\xBF"
       "data: a\n\n",
       {}},
      {"half a byte order mark is none",
       "\xEF\xBB"
       "data: a\n\n",
       {}},
      {"a byte order mark later is none",
       "\n\xEF\xBB\xBF"
       "data: a\n\n",
       {}},
      {"a byte order mark before a blank line", "\xEF\xBB\xBF\ndata: a\n\n", {{"message", "a", ""}}},
      {"a comment", ": hello\ndata: a\n\n", {{"message", "a", ""}}},
      {"no space after the colon", "data:a\n\n", {{"message", "a", ""}}},
      {"one space is removed, not two", "data:  a\n\n", {{"message", " a", ""}}},
      {"a tab is not removed", "data:\ta\n\n", {{"message", "\ta", ""}}},
      {"the first colon splits", "data:a:b\n\n", {{"message", "a:b", ""}}},
      {"data without a colon", "data\n\n", {{"message", "", ""}}},
      {"data twice without a colon", "data\ndata\n\n", {{"message", "\n", ""}}},
      {"data with a colon alone", "data:\n\n", {{"message", "", ""}}},
      {"names are case-sensitive", "Data: a\nDATA: b\n\n", {}},
      {"names are exact", " data: a\ndata : b\ndat: c\ndatas: d\n\n", {}},
      {"a type", "event: tick\ndata: a\n\n", {{"tick", "a", ""}}},
      {"the last type counts", "event: a\nevent: b\ndata: x\n\n", {{"b", "x", ""}}},
      {"an empty type is message", "event: a\nevent:\ndata: x\n\n", {{"message", "x", ""}}},
      {"a type without data is gone", "event: a\n\ndata: x\n\n", {{"message", "x", ""}}},
      {"a type does not stay", "event: a\ndata: x\n\ndata: y\n\n", {{"a", "x", ""}, {"message", "y", ""}}},
      {"an id", "id: 1\ndata: a\n\n", {{"message", "a", "1"}}, "1"},
      {"an id stays", "id: 1\ndata: a\n\ndata: b\n\n", {{"message", "a", "1"}, {"message", "b", "1"}}, "1"},
      {"an id without data counts", "id: 1\n\n", {}, "1"},
      {"an id without a blank line does not", "id: 1\n\nid: 2\n", {}, "1"},
      {"a bare id clears", "id: 1\n\nid\ndata: a\n\n", {{"message", "a", ""}}, ""},
      {"an id with NUL is ignored", "id: 1\nid: 2\0\ndata: a\n\n"s, {{"message", "a", "1"}}, "1"},
      {"data may hold NUL", "data: a\0b\n\n"s, {{"message", "a\0b"s, ""}}},
      {"a reconnection time counts at once", "retry: 1500\n", {}, "", milliseconds(1500)},
      {"a reconnection time is decimal", "retry: 03000\n", {}, "", milliseconds(3000)},
      {"a reconnection time is digits alone", "retry: 5s\nretry: -1\nretry: +1\nretry: 1.5\nretry:\nretry\n", {}},
      {"a trailing space is no digit", "retry: 5 \n", {}},
      {"an endless reconnection time saturates", "retry: 99999999999999999999\n", {}, "", milliseconds(INT64_MAX)},
      {"an unknown field is ignored", "foo: 1\ndata: a\nbar\n\n", {{"message", "a", ""}}},
      {"an unfinished event is discarded", "data: a\n\ndata: b\n", {{"message", "a", ""}}},
      {"blank lines dispatch nothing", "\n\n\r\r\n\n", {}},
      {"malformed UTF-8 in data", "data: \xFF\xE2\x82\n\n", {{"message", "\xEF\xBF\xBD\xEF\xBF\xBD", ""}}},
      {"malformed UTF-8 in a type and an id",
       "event: \x80\nid: \x80\ndata\n\n",
       {{"\xEF\xBF\xBD", "", "\xEF\xBF\xBD"}},
       "\xEF\xBF\xBD"},
  };
  return kRows;
}

Outcome expected(const Row& row) { return {row.events, row.last_event_id, row.reconnection_time}; }

TEST(Parser, EachRowWhole) {
  for (const Row& row : rows()) EXPECT_EQ(parse({row.bytes}), expected(row)) << row.name;
}

TEST(Parser, EachRowByteByByte) {
  for (const Row& row : rows()) {
    std::vector<std::string_view> chunks;
    for (const char& byte : row.bytes) chunks.emplace_back(&byte, 1);
    EXPECT_EQ(parse(chunks), expected(row)) << row.name;
  }
}

TEST(Parser, EachRowCutAnywhere) {
  for (const Row& row : rows()) {
    const std::string_view bytes = row.bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(parse({bytes.substr(0, cut), {}, bytes.substr(cut)}), expected(row)) << row.name << ", cut at " << cut;
    }
  }
}

TEST(Parser, EachRowWithEveryLineEnd) {
  for (const Row& row : rows()) {
    if (row.bytes.find('\r') != std::string::npos) continue;
    for (const std::string line_end : {"\r", "\r\n"}) {
      std::string bytes;
      for (const char byte : row.bytes) byte == '\n' ? bytes += line_end : bytes += byte;
      EXPECT_EQ(parse({bytes}), expected(row)) << row.name << ", " << testing::PrintToString(line_end);
    }
  }
}

TEST(Parser, ABlankLineEndedByCrDispatchesAtOnce) { EXPECT_EQ(parse({"data: a\r", "\r"}).events.size(), 1u); }

TEST(Parser, ANewConnectionStartsFromTheLastId) {
  Parser parser(Parser::Limits{}, "7");
  EXPECT_EQ(parser.last_event_id(), "7");
  parser.feed("data: a\n\n", [](const ParsedEvent& event) { EXPECT_EQ(event.last_event_id, "7"); });
  EXPECT_EQ(parser.last_event_id(), "7");
}

TEST(Parser, StopsAtALineThatIsTooLong) {
  Parser parser({.max_line_bytes = 8, .max_data_bytes = 100});
  const auto ignore = [](const ParsedEvent&) {};
  EXPECT_EQ(parser.feed("data: 12\n", ignore), Parser::Status::kOk);
  EXPECT_EQ(parser.feed("data", ignore), Parser::Status::kOk);
  EXPECT_EQ(parser.feed(": 123", ignore), Parser::Status::kLineTooLong);
  EXPECT_EQ(parser.feed("\n\n", ignore), Parser::Status::kLineTooLong);
}

TEST(Parser, StopsAtDataThatIsTooLong) {
  Parser parser({.max_line_bytes = 100, .max_data_bytes = 8});
  int events = 0;
  const auto count = [&](const ParsedEvent&) { ++events; };
  EXPECT_EQ(parser.feed("data: 123\ndata: 1234\n\n", count), Parser::Status::kOk);
  EXPECT_EQ(parser.feed("data: 1234\ndata: 1234\n\n", count), Parser::Status::kDataTooLong);
  EXPECT_EQ(events, 1);
}

}  // namespace
}  // namespace tidings
