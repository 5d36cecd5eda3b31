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
  EXPECT_EQ(inbox.counts().dropped, 97u);
}

TEST(Inbox, OneThatIsTooLargeByItselfIsDroppedAlone) {
  Inbox inbox(Inbox::Limits{.bytes = 1000});
  put(inbox, "a", "1");
  put(inbox, "b", "1");
  put(inbox, "c", std::string(1001, 'x'));
  put(inbox, "a", std::string(1001, 'x'));
  put(inbox, "", std::string(1001, 'x'));
  EXPECT_EQ(inbox.counts().dropped, 3u);
  EXPECT_EQ(inbox.counts().coalesced, 0u);
  EXPECT_EQ(take(inbox), (Seen{"a=1|", "b=1|"}));
}

TEST(Inbox, OneThatReplacesAnEarlierOfItsKeyStaysWhereOthersHaveToGo) {
  Inbox inbox(Inbox::Limits{.bytes = 1000});
  for (const char* key : {"a", "b", "c"}) put(inbox, key, std::string(300, 'x'));
  put(inbox, "a", std::string(350, 'y'));
  EXPECT_EQ(inbox.counts().dropped, 1u);
  EXPECT_EQ(take(inbox), (Seen{"a=" + std::string(350, 'y') + '|', "c=" + std::string(300, 'x') + '|'}));
}

TEST(Inbox, HoldsNothingWhereNothingMayWait) {
  Inbox inbox(Inbox::Limits{.messages = 0});
  put(inbox, "a", "1");
  EXPECT_EQ(inbox.counts().dropped, 1u);
  EXPECT_EQ(take(inbox), Seen{});
}

// Were each put to look at all that waits, the time for a test would be over.
TEST(Inbox, AMessageCostsNoMoreWhereManyWait) {
  constexpr std::size_t kKeys = 20'000;
  Inbox inbox(Inbox::Limits{.messages = kKeys, .bytes = 1 << 30});
  for (int round = 0; round < 60; ++round) {
    for (std::size_t key = 0; key < kKeys + 1000; ++key) put(inbox, std::to_string(key), "1");
  }
  EXPECT_EQ(inbox.counts().waiting, kKeys);
  EXPECT_EQ(take(inbox).size(), kKeys);
}

TEST(Inbox, WhatIsPutInMeanwhileWaitsForTheNextTime) {
  Inbox inbox;
  put(inbox, "a", "1");
  inbox.take([&](std::string_view, const MessageView&) { put(inbox, "a", "2"); });
  EXPECT_EQ(take(inbox), Seen{"a=2|"});
}

}  // namespace
}  // namespace tidings
