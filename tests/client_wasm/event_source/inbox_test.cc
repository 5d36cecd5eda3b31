// What waits for a page that looks less often than messages come.
#include "tidings/client_wasm/event_source/inbox.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tidings {
namespace {

using namespace std::string_literals;
using Seen = std::vector<std::string>;

void put(Inbox& inbox, std::string_view key, std::string_view data, std::string_view id = {}) {
  MessageView message;
  message.type = "tick";
  message.data = data;
  message.last_event_id = id;
  message.origin = "https://example.org";
  inbox.put(key, message);
}

Seen take(Inbox& inbox) {
  Seen seen;
  inbox.take([&](std::string_view key, const MessageView& message) {
    EXPECT_EQ(message.type, "tick");
    EXPECT_EQ(message.origin, "https://example.org");
    seen.push_back(std::string(key) + '=' + std::string(message.data) + '|' + std::string(message.last_event_id));
  });
  return seen;
}

TEST(Inbox, GivesWhatWaitsOnceAndInOrder) {
  Inbox inbox;
  put(inbox, "a", "1", "7");
  put(inbox, "b", "x\0y"s, "8");
  EXPECT_EQ(inbox.counts().waiting, 2u);
  EXPECT_EQ(take(inbox), (Seen{"a=1|7", "b=x\0y|8"s}));
  EXPECT_EQ(inbox.counts().waiting, 0u);
  EXPECT_EQ(take(inbox), Seen{});
}

TEST(Inbox, OfTheSameKeyTheLatestWinsInThePlaceOfTheFirstAndTheOthersAreCounted) {
  Inbox inbox;
  for (const char* data : {"1", "2", "3"}) {
    put(inbox, "a", data);
    put(inbox, "b", data);
  }
  EXPECT_EQ(inbox.counts().coalesced, 4u);
  EXPECT_EQ(take(inbox), (Seen{"a=3|", "b=3|"}));
}

TEST(Inbox, MessagesWithoutAKeyReplaceNone) {
  Inbox inbox;
  put(inbox, "", "1");
  put(inbox, "", "2");
  EXPECT_EQ(take(inbox), (Seen{"=1|", "=2|"}));
  EXPECT_EQ(inbox.counts().coalesced, 0u);
}

TEST(Inbox, TheOldestGoesWhereThereIsNoRoomAndIsCounted) {
  Inbox inbox(Inbox::Limits{.messages = 2});
  for (const char* key : {"a", "b", "c", "d"}) put(inbox, key, key);
  EXPECT_EQ(inbox.counts().dropped, 2u);
  EXPECT_EQ(take(inbox), (Seen{"c=c|", "d=d|"}));
}

TEST(Inbox, BytesAreBounded) {
  Inbox inbox(Inbox::Limits{.bytes = 1000});
  for (int i = 0; i < 100; ++i) put(inbox, std::to_string(i), std::string(300, 'x'));
  EXPECT_EQ(inbox.counts().waiting, 3u);
  put(inbox, "too large", std::string(1001, 'x'));
  EXPECT_EQ(inbox.counts().waiting, 0u);
  EXPECT_EQ(inbox.counts().dropped, 101u);
  put(inbox, "a", "1");
  EXPECT_EQ(take(inbox), Seen{"a=1|"});
}

TEST(Inbox, WhatIsPutInMeanwhileWaitsForTheNextTime) {
  Inbox inbox;
  put(inbox, "a", "1");
  inbox.take([&](std::string_view, const MessageView&) { put(inbox, "a", "2"); });
  EXPECT_EQ(take(inbox), Seen{"a=2|"});
}

}  // namespace
}  // namespace tidings
