// Elements over a document that the test drives.
#include "client_wasm/dom.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

extern "C" {
// fake_document.js
void fake_document_install();
int fake_document_paint();
int fake_document_writes();
int fake_document_errors();
bool fake_document_has_text(const char* id, std::size_t id_length, const char* text, std::size_t text_length);
bool fake_document_has_attribute(const char* name, std::size_t name_length, const char* value,
                                 std::size_t value_length);
}

namespace tidings::dom {
namespace {

using namespace std::string_literals;

class DomTest : public testing::Test {
 protected:
  DomTest() { fake_document_install(); }
  static bool has_text(std::string_view id, std::string_view text) {
    return fake_document_has_text(id.data(), id.size(), text.data(), text.size());
  }
  static bool has_attribute(std::string_view name, std::string_view value) {
    return fake_document_has_attribute(name.data(), name.size(), value.data(), value.size());
  }
};

TEST_F(DomTest, WritesComeWithTheNextFrame) {
  Element::by_id("known").set_text("hello");
  EXPECT_EQ(fake_document_writes(), 0);
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_TRUE(has_text("known", "hello"));
  EXPECT_EQ(fake_document_paint(), 0);
}

TEST_F(DomTest, OfAFramesWritesToOnePlaceTheLatestWins) {
  const Element known = Element::by_id("known");
  const Element other = Element::by_id("other");
  for (int i = 0; i < 1000; ++i) {
    known.set_text(std::to_string(i));
    known.set_data("state", std::to_string(i));
    other.set_text("constant");
  }
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_EQ(fake_document_writes(), 3);
  EXPECT_TRUE(has_text("known", "999"));
  EXPECT_TRUE(has_attribute("data-state", "999"));
  EXPECT_TRUE(has_text("other", "constant"));
}

TEST_F(DomTest, TextArrivesAsItIs) {
  const Element known = Element::by_id("known");
  for (const std::string& text : {"<b>&amp;"s, "a\0b"s, ""s, "\xF0\x9F\x93\xB0"s, std::string(300'000, 'x')}) {
    known.set_text(text);
    fake_document_paint();
    EXPECT_TRUE(has_text("known", text)) << text.substr(0, 20);
  }
}

TEST_F(DomTest, AMissingElementIsOneErrorAndDoesNothing) {
  const Element missing = Element::by_id("missing");
  missing.set_text("a");
  missing.set_data("b", "c");
  EXPECT_EQ(fake_document_errors(), 1);
  EXPECT_EQ(fake_document_paint(), 0);
}

}  // namespace
}  // namespace tidings::dom
