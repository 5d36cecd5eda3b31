// The EventSource class over a browser's that the test drives.
#include "client_wasm/event_source.h"

#include <gtest/gtest.h>

#include <cstddef>
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
bool fake_event_source_has_url(int index, const char* url, std::size_t length);
void fake_event_source_become(int index, int ready_state);
void fake_event_source_fail(int index);
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

TEST_F(EventSourceTest, NamedEventsGoToTheirOwnCallback) {
  EventSource source("/");
  source.on_event("tick", note());
  dispatch(0, "tick", "1");
  dispatch(0, "message", "unheard");
  EXPECT_EQ(seen_, Seen{"tick|1|"});
}

TEST_F(EventSourceTest, ASecondCallbackForATypeReplacesTheFirst) {
  EventSource source("/");
  source.on_message([](const EventSource::Message&) { FAIL(); });
  source.on_message(note());
  dispatch(0, "message", "once");
  EXPECT_EQ(seen_, Seen{"message|once|"});
  EXPECT_EQ(fake_event_source_listeners(0), 1);
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

TEST_F(EventSourceTest, ACallbackMayReplaceItself) {
  EventSource source("/");
  source.on_message([&](const EventSource::Message& message) {
    source.on_message(note());
    seen_.push_back("first " + std::string(message.data));
  });
  dispatch(0, "message", "a");
  dispatch(0, "message", "b");
  EXPECT_EQ(seen_, (Seen{"first a", "message|b|"}));
}

}  // namespace
}  // namespace tidings
