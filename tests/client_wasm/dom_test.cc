// Elements over a document that the test drives.
#include "client_wasm/dom.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
// fake_document.js
void fake_document_install();
int fake_document_paint();
int fake_document_writes();
int fake_document_errors();
bool fake_document_has_text(const char* id, std::size_t id_length, const char* text, std::size_t text_length);
bool fake_document_has_attribute(const char* name, std::size_t name_length, const char* value,
                                 std::size_t value_length);
bool fake_document_has_entries(const char* entries, std::size_t length);
bool fake_document_submit(const char* text, std::size_t length);
bool fake_document_control_has(const char* text, std::size_t length);
int fake_document_focused();
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
  static bool has_entries(std::string_view entries) {
    return fake_document_has_entries(entries.data(), entries.size());
  }
  static bool submit(std::string_view text) { return fake_document_submit(text.data(), text.size()); }
  static bool control_has(std::string_view text) { return fake_document_control_has(text.data(), text.size()); }
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
  for (const std::string& text : {"<b>&amp;"s, "a\0b"s, ""s, "\xEF\xBB\xBF after a byte order mark"s,
                                  "\xF0\x9F\x93\xB0"s, std::string(300'000, 'x')}) {
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
  const SubmitListener listener(missing, [](std::string_view) { return true; });
  List(missing, 1).add(Element::by_id("template"), {"a", "b"});
  List(Element::by_id("list"), 1).add(missing, {"a", "b"});
  EXPECT_EQ(fake_document_errors(), 1);
  EXPECT_EQ(fake_document_paint(), 0);
}

TEST_F(DomTest, EntriesComeWithTheNextFrameTheNewestFirst) {
  const List list(Element::by_id("list"), 50);
  const Element entry = Element::by_id("template");
  list.add(entry, {"first", "1"});
  Element::by_id("known").set_text("between");
  list.add(entry, {"<b>&amp;", "\xF0\x9F\x93\xB0"});
  EXPECT_TRUE(has_entries(""));
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_TRUE(has_entries("<b>&amp;|\xF0\x9F\x93\xB0\nfirst|1"));
  list.add(entry, {"third", ""});
  fake_document_paint();
  EXPECT_TRUE(has_entries("third|\n<b>&amp;|\xF0\x9F\x93\xB0\nfirst|1"));
}

TEST_F(DomTest, AListHoldsItsNewestEntriesAlone) {
  const List list(Element::by_id("list"), 2);
  for (const char* text : {"1", "2", "3"}) {
    list.add(Element::by_id("template"), {text, ""});
    fake_document_paint();
  }
  EXPECT_TRUE(has_entries("3|\n2|"));
}

TEST_F(DomTest, NoMoreEntriesThanAListHoldsWaitForAFrame) {
  const List list(Element::by_id("list"), 3);
  const Element entry = Element::by_id("template");
  for (int i = 0; i < 1000; ++i) list.add(entry, {std::to_string(i), "id"});
  fake_document_paint();
  EXPECT_TRUE(has_entries("999|id\n998|id\n997|id"));
  EXPECT_EQ(fake_document_writes(), 6);
}

TEST_F(DomTest, ASubmissionTellsTheValueAndIsNotSent) {
  std::vector<std::string> seen;
  const SubmitListener listener(Element::by_id("form"), [&](std::string_view value) {
    seen.emplace_back(value);
    return value != "refused";
  });
  EXPECT_TRUE(submit("<b> \xF0\x9F\x93\xB0"));
  EXPECT_TRUE(control_has(""));
  EXPECT_EQ(fake_document_focused(), 1);
  EXPECT_TRUE(submit("refused"));
  EXPECT_TRUE(control_has("refused"));
  EXPECT_EQ(fake_document_focused(), 2);
  EXPECT_EQ(seen, (std::vector<std::string>{"<b> \xF0\x9F\x93\xB0", "refused"}));
}

TEST_F(DomTest, AListenerThatHasEndedHearsNothing) {
  {
    const SubmitListener listener(Element::by_id("form"), [](std::string_view) {
      ADD_FAILURE();
      return true;
    });
  }
  EXPECT_FALSE(submit("sent, as nobody listens"));
}

TEST_F(DomTest, ASubmissionMayEndItsListenerAndGoOn) {
  std::optional<SubmitListener> listener;
  std::string seen;
  const std::string captured(100, 'c');
  listener.emplace(Element::by_id("form"), [&, captured](std::string_view value) {
    listener.reset();
    seen = std::string(value) + captured;
    return true;
  });
  submit("last ");
  EXPECT_EQ(seen, "last " + captured);
  EXPECT_FALSE(submit("unheard"));
}

}  // namespace
}  // namespace tidings::dom
