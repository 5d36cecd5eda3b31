// The parser against the conformance table: every case whole, byte by byte, cut in two everywhere, and with every line
// end. The table's own README.md, in tests/data/event_stream, says what a case is.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/tests/protocol/conformance_cases.h"
#include "tidings/tests/protocol/fed_parser.h"

namespace tidings {
namespace {

constexpr std::size_t kFewestCases = 150;

const ConformanceTable& table() {
  static const ConformanceTable kTable = read_conformance_table("tests/data/event_stream");
  return kTable;
}

std::vector<std::string_view> byte_by_byte(std::string_view bytes) {
  std::vector<std::string_view> chunks;
  for (std::size_t i = 0; i < bytes.size(); ++i) chunks.push_back(bytes.substr(i, 1));
  return chunks;
}

std::string with_line_end(std::string_view line_end, std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) byte == '\n' ? out += line_end : out += byte;
  return out;
}

// Feeds `bytes` in every way; an empty chunk comes with every cut.
void expect_outcome_however_fed(const ConformanceCase& row, std::string_view bytes, std::string_view line_ends) {
  SCOPED_TRACE(row.name + ", line ends: " + std::string(line_ends));
  const auto fed = [&](const std::vector<std::string_view>& chunks) {
    FedParser parser(row.starting_last_event_id);
    for (const std::string_view chunk : chunks) parser.feed(chunk);
    return parser.outcome();
  };
  ASSERT_EQ(fed({bytes}), row.outcome) << "whole";
  ASSERT_EQ(fed(byte_by_byte(bytes)), row.outcome) << "byte by byte";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    ASSERT_EQ(fed({bytes.substr(0, cut), {}, bytes.substr(cut)}), row.outcome) << "cut at " << cut;
  }
}

TEST(Conformance, TheTableIsThereAndWithoutFault) {
  EXPECT_GE(table().cases.size(), kFewestCases);
  for (const std::string& fault : table().faults) ADD_FAILURE() << fault;
  std::map<std::string, int> groups;
  for (const ConformanceCase& row : table().cases) ++groups[row.name.substr(0, row.name.find('/'))];
  for (const auto& [group, cases] : groups) std::printf("%4d %s\n", cases, group.c_str());
  std::printf("%4zu cases\n", table().cases.size());
}

TEST(Conformance, EachCaseAsItIs) {
  for (const ConformanceCase& row : table().cases) expect_outcome_however_fed(row, row.bytes, "as they are");
}

TEST(Conformance, EachCaseWithCr) {
  for (const ConformanceCase& row : table().cases) {
    if (row.any_line_end) expect_outcome_however_fed(row, with_line_end("\r", row.bytes), "CR");
  }
}

TEST(Conformance, EachCaseWithCrLf) {
  for (const ConformanceCase& row : table().cases) {
    if (row.any_line_end) expect_outcome_however_fed(row, with_line_end("\r\n", row.bytes), "CRLF");
  }
}

}  // namespace
}  // namespace tidings
