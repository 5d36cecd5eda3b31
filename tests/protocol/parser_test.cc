// What the conformance table can't say of the parser: when it dispatches, and its bounds. What a stream's bytes mean is
// the table's matter (conformance_test.cc).
#include "tidings/protocol/parser.h"

#include <gtest/gtest.h>

#include <chrono>

namespace tidings {
namespace {

TEST(Parser, ABlankLineEndedByCrDispatchesAtOnce) {
  Parser parser;
  int events = 0;
  const auto count = [&](const ParsedEvent&) { ++events; };
  parser.feed("data: a\r", count);
  EXPECT_EQ(events, 0);
  parser.feed("\r", count);
  EXPECT_EQ(events, 1);
  parser.feed("\n", count);
  EXPECT_EQ(events, 1);
}

TEST(Parser, AReconnectionTimeCountsAtOnce) {
  Parser parser;
  const auto ignore = [](const ParsedEvent&) {};
  parser.feed("retry: 1500", ignore);
  EXPECT_FALSE(parser.reconnection_time());
  parser.feed("\n", ignore);
  EXPECT_EQ(parser.reconnection_time(), std::chrono::milliseconds(1500));
}

TEST(Parser, AnIdCountsWhenItsBlankLineHasCome) {
  Parser parser(Parser::Limits{}, "7");
  const auto ignore = [](const ParsedEvent&) {};
  EXPECT_EQ(parser.last_event_id(), "7");
  parser.feed("id: 8\n", ignore);
  EXPECT_EQ(parser.last_event_id(), "7");
  parser.feed("\n", ignore);
  EXPECT_EQ(parser.last_event_id(), "8");
}

TEST(Parser, StopsBehindEachEventForWhoTakesOneAtATime) {
  Parser parser;
  std::string_view bytes = "data: a\nid: 1\n\n:\n\ndata: b\nid: 2\n\nda";
  EXPECT_EQ(parser.take(bytes)->data, "a");
  EXPECT_EQ(bytes, ":\n\ndata: b\nid: 2\n\nda");
  EXPECT_EQ(parser.last_event_id(), "1") << "what stands behind it has not been looked at";
  EXPECT_EQ(parser.take(bytes)->data, "b");
  EXPECT_FALSE(parser.take(bytes));
  EXPECT_EQ(bytes, "");
  bytes = "ta: c\n\n";
  EXPECT_EQ(parser.take(bytes)->data, "c");
  EXPECT_EQ(parser.status(), Parser::Status::kOk);
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
