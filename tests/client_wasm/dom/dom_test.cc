// Elements over a document that the test drives.
#include "tidings/client_wasm/dom/dom.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/client_wasm/dom/frame.h"
#include "tidings/client_wasm/dom/list.h"

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
int fake_document_attribute_count();
bool fake_document_has_class(const char* name, std::size_t length);
int fake_document_created();
int fake_document_held();
bool fake_document_has_children(const char* children, std::size_t length);
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
  static bool has_children(std::string_view children) {
    return fake_document_has_children(children.data(), children.size());
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
  List(Element::by_id("list"), 1).add(missing, {"a", "b"});
  Element::by_id("list").append(missing);
  missing.append(Element::create("li"));
  List(Element::by_id("missing"), 1).add(Element::by_id("template"), {"a", "b"});
  EXPECT_EQ(fake_document_errors(), 2);
  fake_document_paint();
  EXPECT_EQ(fake_document_writes(), 0);
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

TEST_F(DomTest, AnEntryHasAsManyTextsAsWereGivenAndAsItHasChildren) {
  const List list(Element::by_id("list"), 50);
  const Element entry = Element::by_id("template");
  list.add(entry, {});
  list.add(entry, {"one"});
  list.add(entry, {"one", "two", "three"});
  fake_document_paint();
  EXPECT_TRUE(has_entries("one|two\none|\n|"));
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

TEST_F(DomTest, AttributesFlagsAndClassesComeAndGo) {
  const Element known = Element::by_id("known");
  known.set_attribute("title", "<b> \"a\"");
  known.set_flag("hidden", true);
  known.set_class("late", true);
  fake_document_paint();
  EXPECT_TRUE(has_attribute("title", "<b> \"a\""));
  EXPECT_TRUE(has_attribute("hidden", ""));
  EXPECT_TRUE(fake_document_has_class("late", 4));
  known.set_flag("hidden", true);
  known.set_flag("hidden", false);
  known.set_class("late", false);
  fake_document_paint();
  EXPECT_EQ(fake_document_attribute_count(), 1);
  EXPECT_FALSE(fake_document_has_class("late", 4));
}

TEST_F(DomTest, CreatedElementsAreAppendedAndTheFirstLeaveABoundedParent) {
  const Element list = Element::by_id("list");
  for (const char* text : {"1", "2", "<3>"}) {
    const Element entry = Element::create("li");
    list.append(entry, 2);
    entry.set_text(text);
  }
  EXPECT_TRUE(has_children(""));
  EXPECT_EQ(fake_document_paint(), 1);
  EXPECT_TRUE(has_children("li 2\nli <3>"));
}

TEST_F(DomTest, ATextReplacesWhatWasAppendedBefore) {
  const Element list = Element::by_id("list");
  for (const char* text : {"1", "2"}) {
    list.set_text("");
    const Element entry = Element::create("li");
    entry.set_text(text);
    list.append(entry);
  }
  fake_document_paint();
  EXPECT_TRUE(has_children("li 2"));
}

TEST_F(DomTest, AWriteThatTheBrowserRefusesIsAnErrorAndLeavesTheOthers) {
  const Element known = Element::by_id("known");
  known.set_class("two words", true);
  known.set_text("after");
  fake_document_paint();
  EXPECT_EQ(fake_document_errors(), 1);
  EXPECT_TRUE(has_text("known", "after"));
}

TEST_F(DomTest, AnElementIsTakenOffThePage) {
  const Element list = Element::by_id("list");
  const Element entry = Element::create("p");
  list.append(entry);
  fake_document_paint();
  entry.remove();
  EXPECT_TRUE(has_children("p "));
  fake_document_paint();
  EXPECT_TRUE(has_children(""));
}

TEST_F(DomTest, NoHoldIsLeftOverOfElementsLetGo) {
  fake_document_paint();  // lets go of what the tests before had
  const int before = fake_document_held();
  const Element list = Element::by_id("list");
  for (int i = 0; i < 1000; ++i) {
    Element entry = Element::create("li");
    entry = Element::create("li");
    list.append(entry, 5);
  }
  fake_document_paint();
  EXPECT_EQ(fake_document_created(), 2000);
  EXPECT_EQ(fake_document_held(), before + 1);
}

TEST_F(DomTest, WhatWaitsForAFrameIsBoundedThoughNoneComes) {
  const Element list = Element::by_id("list");
  for (int i = 0; i < 10'000; ++i) list.append(Element::create("li"), 3);
  EXPECT_GT(fake_document_created(), 9'000);
  EXPECT_EQ(fake_document_paint(), 1) << "a hidden tab keeps what is asked for";
  EXPECT_TRUE(has_children("li \nli \nli "));
}

TEST_F(DomTest, CountsTheValuesThatNobodySaw) {
  const unsigned before = coalesced();
  const Element known = Element::by_id("known");
  known.set_text("1");
  known.set_text("a value that is longer than what there was room for");
  known.set_text("3");
  fake_document_paint();
  EXPECT_EQ(coalesced() - before, 2u);
  EXPECT_TRUE(has_text("known", "3"));
}

}  // namespace
}  // namespace tidings::dom
