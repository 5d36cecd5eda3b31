// What the reader of structs leaves to the browser: numbers of many digits, and texts with escapes.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/client_wasm/event_source/typed.h"
#include "tidings/protocol/typed/typed.h"

extern "C" {
// fake_event_source.js
void fake_event_source_install();
void fake_event_source_dispatch(int index, const char* type, std::size_t type_length, const char* data,
                                std::size_t data_length, const char* id, std::size_t id_length);
}

namespace {

struct Note {
  std::string text;
  double number = 0;
};
TIDINGS_EVENT(Note, "note", (text), (number));

}  // namespace

namespace tidings {
namespace {

class TypedTextTest : public testing::Test {
 protected:
  TypedTextTest() {
    fake_event_source_install();
    source_.emplace("/notes");
    source_->on<Note>([this](const Note& note) { seen_.push_back(note); });
  }

  // The event as it was read; empty where it was told on the console.
  std::vector<Note> read(std::string_view data) {
    seen_.clear();
    fake_event_source_dispatch(0, "note", 4, data.data(), data.size(), "", 0);
    return seen_;
  }
  std::string text(std::string_view data) {
    const std::vector<Note> notes = read(data);
    return notes.empty() ? "(none)" : notes[0].text;
  }
  double number(std::string_view digits) {
    const std::vector<Note> notes = read("{\"number\":" + std::string(digits) + "}");
    return notes.empty() ? -1 : notes[0].number;
  }

 private:
  std::optional<EventSource> source_;
  std::vector<Note> seen_;
};

TEST_F(TypedTextTest, TextsHaveTheirEscapesTakenOff) {
  EXPECT_EQ(text(R"({"text":"\"\\\/\b\f\n\r\tA\u00e9\u20AC\ud83d\udcf0\u0000"})"),
            std::string("\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F4F0\0", 19));
  EXPECT_EQ(text(R"({"text":"\ud83d!\udcf0\ud83d\u0041\ud83d"})"),
            "\uFFFD!\uFFFD\uFFFD"
            "A\uFFFD");
  EXPECT_EQ(text(R"({"\u0074ext":"a\n","b\n":"\t"})"), "a\n");
  EXPECT_EQ(text("{\"text\":\"\u00e9\uFEFF\\n\"}"), "\u00e9\uFEFF\n");
  const std::string lines(100'000, 'x');
  EXPECT_EQ(text("{\"text\":\"" + lines + "\\n" + lines + "\"}"), lines + '\n' + lines);
}

TEST_F(TypedTextTest, WhatIsNoEscapeIsNoText) {
  for (const char* data : {R"({"text":"\x"})", R"({"text":"\u12g4"})", R"({"text":"\u12"})", "{\"text\":\"\\\n\"}",
                           "{\"text\":\"\\n\n\"}", R"({"\x":"\n"})"}) {
    EXPECT_TRUE(read(data).empty()) << data;
  }
}

TEST_F(TypedTextTest, NumbersAreExact) {
  EXPECT_EQ(number("0.12345678901234567890"), 0.12345678901234567890);
  EXPECT_EQ(number("-1.7976931348623157e308"), -1.7976931348623157e308);
  EXPECT_EQ(number("5e-324"), 5e-324);
  EXPECT_EQ(number("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(number("0." + std::string(100'000, '3')), 1.0 / 3);
  EXPECT_EQ(number("1e400"), -1);
}

}  // namespace
}  // namespace tidings
