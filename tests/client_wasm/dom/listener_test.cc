// What the user does, over a document that the test drives.
#include "tidings/client_wasm/dom/listener.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
// fake_document.js
void fake_document_install();
bool fake_document_submit(const char* text, std::size_t length);
void fake_document_take_control();
void fake_document_give_number(double value);
bool fake_document_control_has(const char* text, std::size_t length);
int fake_document_focused();
bool fake_document_box_event(const char* type, std::size_t type_length, const char* value, std::size_t value_length);
}

namespace tidings::dom {
namespace {

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() : form_((fake_document_install(), Element::by_id("form"))), box_(Element::by_id("box")) {}
  static bool submit(std::string_view text) { return fake_document_submit(text.data(), text.size()); }
  static bool control_has(std::string_view text) { return fake_document_control_has(text.data(), text.size()); }
  // Whether the browser was kept from acting upon it.
  static bool box_event(std::string_view type, std::string_view value) {
    return fake_document_box_event(type.data(), type.size(), value.data(), value.size());
  }

  std::vector<std::string> seen_;
  Element form_, box_;
};

using Seen = std::vector<std::string>;

TEST_F(ListenerTest, ASubmissionTellsTheValueAndIsNotSent) {
  const Listener listener(form_, Listener::Kind::kSubmit, [&](std::string_view value) {
    seen_.emplace_back(value);
    return value != "refused";
  });
  EXPECT_TRUE(submit("<b> \xF0\x9F\x93\xB0"));
  EXPECT_TRUE(control_has(""));
  EXPECT_EQ(fake_document_focused(), 1);
  EXPECT_TRUE(submit("refused"));
  EXPECT_TRUE(control_has("refused"));
  EXPECT_EQ(fake_document_focused(), 2);
  EXPECT_EQ(seen_, (Seen{"<b> \xF0\x9F\x93\xB0", "refused"}));
}

TEST_F(ListenerTest, EachKindHearsItsOwnWithItsValue) {
  const auto note = [&](std::string_view name) {
    return [this, name](std::string_view value) {
      seen_.push_back(std::string(name) + ' ' + std::string(value));
      return false;
    };
  };
  const Listener click(box_, Listener::Kind::kClick, note("click"));
  const Listener input(box_, Listener::Kind::kInput, note("input"));
  const Listener key(box_, Listener::Kind::kKey, note("key"));
  EXPECT_FALSE(box_event("input", "ab\xC3\xA9"));
  EXPECT_FALSE(box_event("keydown", "Enter"));
  EXPECT_FALSE(box_event("click", ""));
  EXPECT_FALSE(box_event("submit", "of nobody's interest"));
  EXPECT_EQ(seen_, (Seen{"input ab\xC3\xA9", "key Enter", "click "}));
}

TEST_F(ListenerTest, AFormWithoutAControlIsSubmittedWithNothing) {
  const Listener listener(form_, Listener::Kind::kSubmit, [&](std::string_view value) {
    seen_.emplace_back(value);
    return true;
  });
  fake_document_take_control();
  EXPECT_TRUE(fake_document_submit("", 0));
  EXPECT_EQ(seen_, Seen{""});
}

// As an autofilled control has it, and an element whose value is a number.
TEST_F(ListenerTest, AKeyWithoutANameHasNoneAndANumberIsAText) {
  const auto note = [&](std::string_view value) {
    seen_.emplace_back(value);
    return false;
  };
  const Listener key(box_, Listener::Kind::kKey, note);
  const Listener input(box_, Listener::Kind::kInput, note);
  box_event("input", "typed");
  box_event("keydown", "");
  fake_document_give_number(7);
  EXPECT_EQ(seen_, (Seen{"typed", "", "7"}));
}

TEST_F(ListenerTest, WhatIsDealtWithTheBrowserDoesNotActUpon) {
  const Listener key(box_, Listener::Kind::kKey, [](std::string_view key) { return key == "Enter"; });
  EXPECT_TRUE(box_event("keydown", "Enter"));
  EXPECT_FALSE(box_event("keydown", "a"));
}

TEST_F(ListenerTest, AMissingElementIsNeverHeard) {
  const Element missing = Element::by_id("missing");
  const Listener listener(missing, Listener::Kind::kSubmit, [](std::string_view) { return true; });
}

TEST_F(ListenerTest, AListenerThatHasEndedHearsNothing) {
  {
    const Listener listener(form_, Listener::Kind::kSubmit, [](std::string_view) {
      ADD_FAILURE();
      return true;
    });
  }
  EXPECT_FALSE(submit("sent, as nobody listens"));
}

TEST_F(ListenerTest, ASubmissionMayEndItsListenerAndGoOn) {
  std::optional<Listener> listener;
  const std::string captured(100, 'c');
  listener.emplace(form_, Listener::Kind::kSubmit, [&, captured](std::string_view value) {
    listener.reset();
    seen_.push_back(std::string(value) + captured);
    return true;
  });
  submit("last ");
  EXPECT_EQ(seen_, Seen{"last " + captured});
  EXPECT_FALSE(submit("unheard"));
}

}  // namespace
}  // namespace tidings::dom
