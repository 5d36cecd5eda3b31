// The EventSource class over a browser's that the test drives.
#include "tidings/client_wasm/event_source/event_source.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
// fake_event_source.js
void fake_event_source_install();
int fake_event_source_count();
int fake_event_source_closed(int index);
int fake_event_source_listeners(int index);
bool fake_event_source_with_credentials(int index);
bool fake_event_source_has_url(int index, const char* url, std::size_t length);
int fake_event_source_id_looks();
void fake_event_source_become(int index, int ready_state);
void fake_event_source_fail(int index);
int fake_event_source_revive(int index);
void fake_event_source_dispatch(int index, const char* type, std::size_t type_length, const char* data,
                                std::size_t data_length, const char* id, std::size_t id_length);
}

namespace tidings {
namespace {

using State = EventSource::State;
using namespace std::string_literals;

constexpr int kConnecting = 0, kOpen = 1, kClosed = 2;  // the browser's readyState

class EventSourceTest : public testing::Test {
 protected:
  EventSourceTest() { fake_event_source_install(); }

  static void dispatch(int index, std::string_view type, std::string_view data, std::string_view id = {}) {
    fake_event_source_dispatch(index, type.data(), type.size(), data.data(), data.size(), id.data(), id.size());
  }
  EventSource::OnMessage note() {
    return [this](const EventSource::Message& message) {
      seen_.push_back(std::string(message.type) + '|' + std::string(message.data) + '|' +
                      std::string(message.last_event_id));
    };
  }

  std::vector<std::string> seen_;
};

using Seen = std::vector<std::string>;

TEST_F(EventSourceTest, ConnectsToItsUrl) {
  const EventSource source("/events?a=\xC3\xA9");
  EXPECT_EQ(fake_event_source_count(), 1);
  const std::string url = "/events?a=\xC3\xA9";
  EXPECT_TRUE(fake_event_source_has_url(0, url.data(), url.size()));
  EXPECT_EQ(source.state(), State::kConnecting);
}

TEST_F(EventSourceTest, GivesMessagesWithTheirDataAndId) {
  EventSource source("/");
  source.on_message(note());
  dispatch(0, "message", "hello", "7");
  dispatch(0, "message", "", "");
  dispatch(0, "other", "unheard");
  EXPECT_EQ(seen_, (Seen{"message|hello|7", "message||"}));
}

TEST_F(EventSourceTest, EventsOfOtherTypesHaveTheTypeThatComesBeforeTheirData) {
  EventSource source("/");
  source.on_event("*", note());
  dispatch(0, "*", "alarm\ntwo\nlines", "7");
  dispatch(0, "*", "alarm\n", "8");
  dispatch(0, "*", "alarm", "9");
  EXPECT_EQ(seen_, (Seen{"alarm|two\nlines|7", "alarm||8", "alarm||9"}));
}

TEST_F(EventSourceTest, DataArrivesWholeWhateverItHolds) {
  EventSource source("/");
  source.on_message(note());
  const std::string large(1'000'000, 'x');
  for (const std::string& data : {"a\0b"s, "\xF0\x9F\x93\xB0\xE2\x82\xAC"s, "<script>"s, large, "short again"s}) {
    seen_.clear();
    dispatch(0, "message", data);
    EXPECT_EQ(seen_, Seen{"message|" + data + "|"});
  }
}

// Short plain beginnings go another way than the rest.
TEST_F(EventSourceTest, TextArrivesWholeWhereverItsFirstForeignCharacterStands) {
  EventSource source("/");
  source.on_message(note());
  for (std::size_t length = 0; length < 270; ++length) {
    for (const char* const end : {"", "\x7F", "\xC2\x80", "\xF0\x9F\x93\xB0 and more"}) {
      seen_.clear();
      const std::string text = std::string(length, 'x') + end;
      dispatch(0, "message", text, text);
      EXPECT_EQ(seen_, Seen{"message|" + text + '|' + text});
    }
  }
}

TEST_F(EventSourceTest, NamedEventsGoToTheirOwnCallback) {
  EventSource source("/");
  source.on_event("tick", note());
  dispatch(0, "tick", "1");
  dispatch(0, "message", "unheard");
  EXPECT_EQ(seen_, Seen{"tick|1|"});
}

TEST_F(EventSourceTest, SeveralCallbacksForATypeAreCalledInTheirOrder) {
  EventSource source("/");
  source.on_message([this](const MessageView&) { seen_.emplace_back("first"); });
  source.on_message(note());
  dispatch(0, "message", "once");
  EXPECT_EQ(seen_, (Seen{"first", "message|once|"}));
  EXPECT_EQ(fake_event_source_listeners(0), 1);
}

TEST_F(EventSourceTest, ARemovedCallbackIsNotCalledAndTheBrowsersListenerGoesWithTheLast) {
  EventSource source("/");
  const auto first = source.on_event("tick", note());
  const auto second = source.on_event("tick", note());
  source.remove(first);
  dispatch(0, "tick", "1");
  EXPECT_EQ(seen_, Seen{"tick|1|"});
  source.remove(second);
  EXPECT_EQ(fake_event_source_listeners(0), 0);
  source.remove(second);
  source.remove(EventSource::Listener::kNone);
  source.on_event("tick", note());
  EXPECT_EQ(fake_event_source_listeners(0), 1);
  dispatch(0, "tick", "2");
  EXPECT_EQ(seen_, (Seen{"tick|1|", "tick|2|"}));
}

TEST_F(EventSourceTest, ARemovedCallbackOfTheStateIsNotCalled) {
  EventSource source("/");
  std::vector<State> states;
  const auto removed = source.on_state([](State) { FAIL(); });
  source.on_state([&](State state) { states.push_back(state); });
  source.remove(removed);
  fake_event_source_become(0, kOpen);
  EXPECT_EQ(states, std::vector<State>{State::kOpen});
}

TEST_F(EventSourceTest, ACallbackMayRemoveItselfAndThoseAfterIt) {
  EventSource source("/");
  EventSource::Listener self{};
  EventSource::Listener next{};
  const std::string captured(100, 'c');
  self = source.on_message([&, captured](const MessageView&) {
    source.remove(self);
    source.remove(next);
    seen_.push_back(captured);
  });
  next = source.on_message([](const MessageView&) { FAIL(); });
  source.on_message(note());
  dispatch(0, "message", "a");
  dispatch(0, "message", "b");
  EXPECT_EQ(seen_, (Seen{captured, "message|a|", "message|b|"}));
}

TEST_F(EventSourceTest, ACallbackThatIsAddedDuringACallHearsFromTheNextEventOn) {
  EventSource source("/");
  bool is_added = false;
  source.on_message([&](const MessageView&) {
    if (!std::exchange(is_added, true)) source.on_message(note());
  });
  dispatch(0, "message", "a");
  dispatch(0, "message", "b");
  EXPECT_EQ(seen_, Seen{"message|b|"});
}

TEST_F(EventSourceTest, WhatARemovedCallbackOwnsMayRemoveAnother) {
  EventSource source("/");
  struct Guard {
    Guard(EventSource& source, EventSource::Listener other) : source(source), other(other) {}
    ~Guard() { source.remove(other); }
    EventSource& source;
    EventSource::Listener other;
  };
  const auto other = source.on_message([](const MessageView&) { FAIL(); });
  const auto owner = source.on_message([guard = std::make_shared<Guard>(source, other)](const MessageView&) {});
  source.remove(owner);
  dispatch(0, "message", "a");
  EXPECT_EQ(fake_event_source_listeners(0), 0);
}

TEST_F(EventSourceTest, TellsTheServersOrigin) {
  EventSource source("/");
  source.on_message([this](const MessageView& message) { seen_.emplace_back(message.origin); });
  dispatch(0, "message", "a");
  dispatch(0, "message", "b");
  EXPECT_EQ(seen_, (Seen{"https://0.example.org", "https://0.example.org"}));
}

// From the first id on.
TEST_F(EventSourceTest, AnIdStaysWithTheBrowserUntilItIsLookedAt) {
  EventSource source("/");
  std::string id;
  source.on_message([](const MessageView&) {});
  source.on_event("look", [&](const MessageView& message) { id = message.last_event_id; });
  source.on_event("look", note());
  dispatch(0, "message", "a", "1");
  const int looks = fake_event_source_id_looks();
  dispatch(0, "message", "b", "2");
  EXPECT_EQ(fake_event_source_id_looks(), looks);
  dispatch(0, "look", "c", "3");
  EXPECT_EQ(fake_event_source_id_looks(), looks + 1) << "once for both";
  EXPECT_EQ(id, "3");
  EXPECT_EQ(seen_, Seen{"look|c|3"});
}

TEST_F(EventSourceTest, AnIdCanBeLookedAtWhenItIsClosed) {
  std::optional<EventSource> source("/");
  source->on_message([&](const MessageView& message) {
    const MessageView copy = message;
    if (message.data == "c") source.reset();
    note()(message);
    note()(copy);
  });
  dispatch(0, "message", "a", "1");
  dispatch(0, "message", "b", "2");
  dispatch(0, "message", "c", "3");
  EXPECT_EQ(seen_, (Seen{"message|a|1", "message|a|1", "message|b|2", "message|b|2", "message|c|3", "message|c|3"}));
}

// As Firefox has it while a callback has a dialog open.
TEST_F(EventSourceTest, AnEventWithinTheCallOfAnotherLeavesItsId) {
  for (const bool looks_before : {false, true}) {
    fake_event_source_install();
    seen_.clear();
    EventSource source("/");
    source.on_message([&](const MessageView& message) {
      const std::string_view before = looks_before ? message.last_event_id : LastEventId("outer id");
      if (message.data == "outer") {
        dispatch(0, "message", "first", "inner id");
        dispatch(0, "message", "second", "another inner id that is long");
        EXPECT_EQ(before, "outer id");
      }
      note()(message);
    });
    dispatch(0, "message", "a", "1");
    dispatch(0, "message", "outer", "outer id");
    dispatch(0, "message", "b", "2");
    EXPECT_EQ(seen_, (Seen{"message|a|1", "message|first|inner id", "message|second|another inner id that is long",
                           "message|outer|outer id", "message|b|2"}));
  }
}

TEST_F(EventSourceTest, SendsCredentialsWhereThatIsAsked) {
  const EventSource without("/");
  const EventSource with("/", EventSource::Credentials::kInclude);
  EXPECT_FALSE(fake_event_source_with_credentials(0));
  EXPECT_TRUE(fake_event_source_with_credentials(1));
}

TEST_F(EventSourceTest, WhatIsNoUrlIsClosedFromTheStartAndSaysWhy) {
  EventSource source("no url");
  EXPECT_EQ(source.state(), State::kClosed);
  EXPECT_EQ(source.reason(), EventSource::Reason::kUnavailable);
  source.on_message(note());
  source.close();
}

TEST_F(EventSourceTest, SaysWhyItIsClosed) {
  EventSource refused("/");
  EXPECT_EQ(refused.reason(), EventSource::Reason::kNone);
  fake_event_source_become(0, kClosed);
  EXPECT_EQ(refused.reason(), EventSource::Reason::kRefused);
  EventSource closed("/");
  closed.close();
  EXPECT_EQ(closed.reason(), EventSource::Reason::kClosedHere);
}

TEST_F(EventSourceTest, AnErrorOfTheConnectionIsNoMessageOfThatType) {
  EventSource source("/");
  source.on_event("error", note());
  fake_event_source_fail(0);
  dispatch(0, "error", "from the server");
  EXPECT_EQ(seen_, Seen{"error|from the server|"});
}

TEST_F(EventSourceTest, StatesFollowTheBrowserAndAreToldOnce) {
  EventSource source("/");
  std::vector<State> states;
  source.on_state([&](State state) { states.push_back(state); });
  fake_event_source_become(0, kConnecting);  // the first attempt failed: still connecting
  fake_event_source_become(0, kOpen);
  fake_event_source_become(0, kConnecting);
  fake_event_source_become(0, kConnecting);
  fake_event_source_become(0, kOpen);
  fake_event_source_become(0, kClosed);
  EXPECT_EQ(states, (std::vector<State>{State::kOpen, State::kReconnecting, State::kOpen, State::kClosed}));
  EXPECT_EQ(source.state(), State::kClosed);
}

TEST_F(EventSourceTest, ClosedItSaysNothingMore) {
  EventSource source("/");
  source.on_message(note());
  source.on_state([](State) { FAIL(); });
  source.close();
  EXPECT_EQ(source.state(), State::kClosed);
  dispatch(0, "message", "queued before");
  fake_event_source_become(0, kOpen);
  EXPECT_EQ(seen_, Seen{});
  source.close();
  EXPECT_EQ(fake_event_source_closed(0), 1);
}

TEST_F(EventSourceTest, ClosedItStaysClosedWhereTheBrowserConnectsItAgain) {
  {
    EventSource destroyed("/");
    destroyed.on_message(note());
  }
  EventSource closed("/");
  closed.on_message(note());
  closed.close();
  EventSource refused("/");
  refused.on_message(note());
  fake_event_source_become(2, kClosed);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(fake_event_source_revive(i), kClosed) << i;
    dispatch(i, "message", "late");
  }
  EXPECT_EQ(seen_, Seen{});
}

TEST_F(EventSourceTest, DestroyedItCloses) {
  {
    EventSource source("/");
    source.on_message(note());
  }
  EXPECT_EQ(fake_event_source_closed(0), 1);
  dispatch(0, "message", "late");
  EXPECT_EQ(seen_, Seen{});
}

TEST_F(EventSourceTest, MovedItStaysConnectedAndWhatItReplacesCloses) {
  EventSource first("/1");
  first.on_message(note());
  EventSource second("/2");
  second = std::move(first);
  EXPECT_EQ(fake_event_source_closed(0), 0);
  EXPECT_EQ(fake_event_source_closed(1), 1);
  dispatch(0, "message", "a");
  const EventSource third = std::move(second);
  dispatch(0, "message", "b");
  EXPECT_EQ(seen_, (Seen{"message|a|", "message|b|"}));
}

TEST_F(EventSourceTest, MovedFromItIsClosedAndTakesNothing) {
  EventSource first("/");
  const EventSource second = std::move(first);
  EXPECT_EQ(first.state(), State::kClosed);
  EXPECT_EQ(first.reason(), EventSource::Reason::kClosedHere);
  EXPECT_EQ(first.on_message(note()), EventSource::Listener::kNone);
  EXPECT_EQ(first.on_state([](State) { FAIL(); }), EventSource::Listener::kNone);
  first.remove(EventSource::Listener::kNone);
  first.close();
  fake_event_source_become(0, kOpen);
  EXPECT_EQ(second.state(), State::kOpen);
}

TEST_F(EventSourceTest, ACallbackMayCloseIt) {
  EventSource source("/");
  source.on_message([&](const EventSource::Message& message) {
    source.close();
    seen_.emplace_back(message.data);
  });
  dispatch(0, "message", "last");
  dispatch(0, "message", "none");
  EXPECT_EQ(seen_, Seen{"last"});
}

TEST_F(EventSourceTest, ACallbackMayDestroyItAndGoOn) {
  std::optional<EventSource> source("/");
  const std::string captured(100, 'c');
  source->on_message([&, captured](const EventSource::Message& message) {
    source.reset();
    seen_.push_back(std::string(message.data) + captured);
  });
  dispatch(0, "message", "last ");
  EXPECT_EQ(seen_, Seen{"last " + captured});
  EXPECT_EQ(fake_event_source_closed(0), 1);
}

}  // namespace
}  // namespace tidings
