#include "tidings/protocol/event.h"

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

TEST(FieldValue, CrLfAndNulAreRefusedWhereverTheyStand) {
  for (const char bad : {'\r', '\n', '\0'}) {
    for (const std::size_t place : {0, 2, 4}) {
      std::string text = "tick";
      text.insert(place, 1, bad);
      EXPECT_FALSE(FieldValue::from(text).has_value()) << "byte " << int{bad} << " at " << place;
    }
  }
}

TEST(FieldValue, AnythingElseIsKeptAsItIs) {
  for (const std::string text : {"", " ", "tick", "a:b", "\t", "\xE2\x82\xAC", "\x7F", "\x01"}) {
    const auto value = FieldValue::from(text);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->view(), text);
  }
}

TEST(FieldValue, NumbersAreDecimal) {
  EXPECT_EQ(FieldValue::from(0).view(), "0");
  EXPECT_EQ(FieldValue::from(18446744073709551615u).view(), "18446744073709551615");
}

TEST(Event, HasNoTypeIdOrReconnectionTimeUnlessGiven) {
  const Event event("data");
  EXPECT_EQ(event.data(), "data");
  EXPECT_EQ(event.type(), "");
  EXPECT_FALSE(event.id().has_value());
  EXPECT_FALSE(event.reconnection_time().has_value());
  EXPECT_FALSE(event.comment().has_value());
}

TEST(Event, CarriesWhatItIsGiven) {
  const Event event = Event("tick", "now").with_id(7).with_reconnection_time(std::chrono::seconds(3));
  EXPECT_EQ(event.type(), "tick");
  EXPECT_EQ(event.id(), "7");
  EXPECT_EQ(event.reconnection_time(), std::chrono::milliseconds(3000));
}

TEST(Event, AnEmptyIdIsAnId) { EXPECT_EQ(Event("").with_id("").id(), ""); }

TEST(Event, ANegativeReconnectionTimeIsNone) {
  EXPECT_EQ(Event("").with_reconnection_time(std::chrono::milliseconds(-5)).reconnection_time(),
            std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace tidings
