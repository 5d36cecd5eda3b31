// What a worker sends to a page that asks when the test says so.
#include "tidings/client_wasm/worker/outlet.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string batch;
std::vector<std::string> sent;

}  // namespace

// In the place of outlet.js.
extern "C" {
void tidings_outlet_open(tidings::Outlet*) {}
void tidings_outlet_add(const char* type, std::size_t type_length, const char* data, std::size_t data_length,
                        const char* id, std::size_t id_length, const char* origin, std::size_t origin_length) {
  for (const std::string_view text : {std::string_view(type, type_length), std::string_view(data, data_length),
                                      std::string_view(id, id_length), std::string_view(origin, origin_length)}) {
    batch.append(text).append("|");
  }
}
void tidings_outlet_post() {
  sent.push_back(batch);
  batch.clear();
}
}

namespace tidings {
namespace {

using Sent = std::vector<std::string>;

class OutletTest : public testing::Test {
 protected:
  OutletTest() { sent.clear(); }
  static MessageView message(std::string_view data) { return {"message", data, LastEventId("7"), "o"}; }
};

TEST_F(OutletTest, TheFirstGoesAtOnceAndTheNextTogetherWhenThePageAsks) {
  Outlet outlet;
  for (const char* const data : {"a", "b", "c"}) outlet.put(message(data));
  EXPECT_EQ(sent, Sent{"message|a|7|o|"});
  EXPECT_EQ(outlet.counts().waiting, 2u);
  outlet.take_request();
  EXPECT_EQ(sent.back(), "message|b|7|o|message|c|7|o|");
  outlet.take_request();
  EXPECT_EQ(sent.size(), 2u) << "there is nothing to send";
  outlet.put(message("d"));
  EXPECT_EQ(sent.back(), "message|d|7|o|");
}

TEST_F(OutletTest, WhatWaitsIsBoundedAndTheLatestOfAKeyWins) {
  Outlet outlet({.messages = 2, .bytes = 1000});
  outlet.put(message("first"));
  for (const char* const data : {"a", "b", "c"}) outlet.put(message(data));
  EXPECT_EQ(outlet.counts().dropped, 1u);
  outlet.take_request();
  EXPECT_EQ(sent.back(), "message|b|7|o|message|c|7|o|");
  for (const char* const data : {"d", "e"}) outlet.put(message(data), "key");
  outlet.take_request();
  EXPECT_EQ(sent.back(), "message|e|7|o|");
}

TEST_F(OutletTest, TellsWhenThereIsRoom) {
  Outlet outlet;
  int rooms = 0;
  outlet.on_room([&] { ++rooms; });
  outlet.put(message("a"));
  outlet.put(message("b"));
  EXPECT_EQ(rooms, 0);
  outlet.take_request();
  EXPECT_EQ(rooms, 1);
  EXPECT_EQ(outlet.counts().waiting, 0u);
}

}  // namespace
}  // namespace tidings
