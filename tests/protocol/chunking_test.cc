// Streams too large or too many for the conformance table: however they are cut, the parser says what it says of the
// whole. What is right for the whole is the table's matter (conformance_test.cc), or written beside the stream here.
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/tests/protocol/conformance_cases.h"
#include "tidings/tests/protocol/fed_parser.h"

namespace tidings {
namespace {

// Feeds `bytes` in chunks of the lengths that `next_length` returns.
template <class NextLength>
Outcome parse_in_chunks(std::string_view bytes, NextLength next_length) {
  FedParser parser;
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, next_length());
    bytes.remove_prefix(chunk.size());
    parser.feed(chunk);
  }
  return parser.outcome();
}

Outcome parse_in_pieces(std::string_view bytes, std::size_t length) {
  return parse_in_chunks(bytes, [length] { return length; });
}

Outcome parse_whole(std::string_view bytes) { return parse_in_pieces(bytes, bytes.size() + 1); }

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// EXPECT_EQ would print megabytes.
void expect_same(const Outcome& outcome, const Outcome& expected) { EXPECT_TRUE(outcome == expected); }

TEST(Chunking, ALineOf256KiBInPiecesOfFourBytes) {
  const std::string value = repeated("0123456789abcde:", 16 * 1024);
  const Outcome expected{.events = {{"message", value, ""}}, .last_event_id = {}, .reconnection_time = {}};
  expect_same(parse_whole("data: " + value + "\n\n"), expected);
  expect_same(parse_in_pieces("data: " + value + "\n\n", 4), expected);
}

TEST(Chunking, ALineOf256KiBOfCutCharactersInPiecesOfFourBytes) {
  const std::string value = repeated("\xF0\x9F\x93\xB0\xE2\x82\xAC\xF0\x9F\x93", 26 * 1024);
  const std::string text = repeated("\xF0\x9F\x93\xB0\xE2\x82\xAC\xEF\xBF\xBD", 26 * 1024);
  const Outcome expected{.events = {{"message", text, ""}}, .last_event_id = {}, .reconnection_time = {}};
  expect_same(parse_whole("data: " + value + "\n\n"), expected);
  expect_same(parse_in_pieces("data: " + value + "\n\n", 4), expected);
}

TEST(Chunking, TenThousandDataLinesAreOneEvent) {
  const std::string stream = repeated("data: a\r\n", 10'000) + "\r\n";
  const std::string data = repeated("a\n", 9'999) + "a";
  const Outcome expected{.events = {{"message", data, ""}}, .last_event_id = {}, .reconnection_time = {}};
  expect_same(parse_whole(stream), expected);
  expect_same(parse_in_pieces(stream, 4), expected);
  expect_same(parse_in_pieces(stream, 1), expected);
}

TEST(Chunking, TenThousandEvents) {
  std::string stream;
  Outcome expected;
  for (int i = 0; i < 10'000; ++i) {
    const std::string number = std::to_string(i);
    stream += "id: " + number + "\rdata: " + number + "\r\r";
    expected.events.push_back({"message", number, number});
    expected.last_event_id = number;
  }
  expect_same(parse_whole(stream), expected);
  expect_same(parse_in_pieces(stream, 7), expected);
  expect_same(parse_in_pieces(stream, 1), expected);
}

// Whatever is done for many bytes at once must be right for each length and at each place.
TEST(Chunking, ALineOfEachLengthWithACharacterAtEachPlace) {
  for (const std::string line_end : {"\n", "\r", "\r\n"}) {
    for (std::size_t length = 0; length <= 100; ++length) {
      for (std::size_t place = 0; place <= length; ++place) {
        const std::string before(place, 'a'), after(length - place, 'b');
        const std::string stream = ":" + after + line_end + "data:" + before + "\xFF" + after + line_end + line_end;
        const Outcome expected{
            .events = {{"message", before + "\xEF\xBF\xBD" + after, ""}}, .last_event_id = {}, .reconnection_time = {}};
        ASSERT_EQ(parse_whole(stream), expected) << length << ", " << place;
        ASSERT_EQ(parse_in_pieces(stream, 1 + place), expected) << length << ", " << place;
      }
    }
  }
}

TEST(Chunking, ManyBlankLinesAndCommentsDispatchNothing) {
  const std::string stream = repeated("\n:\n", 100'000) + "data: a\n\n";
  const Outcome expected{.events = {{"message", "a", ""}}, .last_event_id = {}, .reconnection_time = {}};
  expect_same(parse_whole(stream), expected);
  expect_same(parse_in_pieces(stream, 4), expected);
}

// Streams made of whatever may matter next to each other, half of them beginning with a byte order mark.
std::string random_stream(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      "\n",       "\r",     "\r\n",      "\n\n", ":",     ": ",           " ",     std::string(1, '\0'),
      "data",     "data:",  "data: a",   "id",   "id: 1", "id: 2",        "event", "x",
      "event: x", "retry:", "retry: 10", "7",    "é",     "\xEF\xBB\xBF", "\xEF",  "\xBB",
      "\xBF",     "\xF0",   "\x9F",      "\xC2", "\xFF",  "\xE2\x82\xAC"};
  std::string stream = random() % 2 ? "\xEF\xBB\xBF" : "";
  for (std::size_t pieces = random() % 64; pieces > 0; --pieces) stream += kPieces[random() % kPieces.size()];
  return stream;
}

TEST(Chunking, TenThousandRandomStreamsInRandomChunks) {
  for (std::mt19937::result_type seed = 1; seed <= 10'000; ++seed) {
    std::mt19937 random(seed);
    const std::string stream = random_stream(random);
    const std::size_t longest = 1 + random() % 8;
    const Outcome chunked = parse_in_chunks(stream, [&] { return 1 + random() % longest; });
    ASSERT_EQ(chunked, parse_whole(stream)) << "seed " << seed << ", stream " << testing::PrintToString(stream);
  }
}

}  // namespace
}  // namespace tidings
