#include "tidings/protocol/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace tidings {
namespace {

#define REPLACEMENT "\xEF\xBF\xBD"

TEST(Utf8, MalformedBytesBecomeReplacementCharacters) {
  struct Row {
    const char* name;
    std::string_view bytes, text;
  };
  static constexpr Row kRows[] = {
      {"ASCII", "plain text that is longer than a word", "plain text that is longer than a word"},
      {"two, three and four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\xB0", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\xB0"},
      {"a lone continuation", "a\x80z", "a" REPLACEMENT "z"},
      {"a byte that never occurs", "\xFFz", REPLACEMENT "z"},
      {"an overlong slash", "\xC0\xAF", REPLACEMENT REPLACEMENT},
      {"an overlong of three bytes", "\xE0\x80\xAF", REPLACEMENT REPLACEMENT REPLACEMENT},
      {"a surrogate", "\xED\xA0\x80", REPLACEMENT REPLACEMENT REPLACEMENT},
      {"above U+10FFFF", "\xF4\x90\x80\x80", REPLACEMENT REPLACEMENT REPLACEMENT REPLACEMENT},
      {"cut short by the end", "a\xE2\x82", "a" REPLACEMENT},
      {"cut short by another character", "\xF0\x9F\x93z", REPLACEMENT "z"},
      {"malformed, well-formed, malformed", "\x80\xC3\xA9\x80", REPLACEMENT "\xC3\xA9" REPLACEMENT},
  };
  for (const Row& row : kRows) {
    std::string out = "before ";
    append_utf8(row.bytes, out);
    EXPECT_EQ(out, "before " + std::string(row.text)) << row.name;
    EXPECT_EQ(is_valid_utf8(row.bytes), row.bytes == row.text) << row.name;
  }
}

}  // namespace
}  // namespace tidings
