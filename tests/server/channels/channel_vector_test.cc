#include "tidings/server/channels/channel_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using Ids = std::vector<std::optional<std::string_view>>;

class ChannelVectorTest : public testing::Test {
 protected:
  Ids of_both(std::string_view id) const { return ids_for(std::vector{a_, b_}, id); }
  Ids of_a(std::string_view id) const { return ids_for(std::vector{a_}, id); }

  Hub hub_{{}, std::make_shared<ManualClock>(Clock::WallTime()), 1};
  std::shared_ptr<Channel> a_ = hub_.channel("a"), b_ = hub_.channel("b");
};

TEST_F(ChannelVectorTest, EachChannelTakesItsPlace) {
  EXPECT_EQ(of_both("a:E-7,b:E-9"), (Ids{"E-7", "E-9"}));
  EXPECT_EQ(of_both("b:E-9, a:E-7"), (Ids{"E-7", "E-9"}));
  EXPECT_EQ(of_a("a:E-7,b:E-9"), Ids{"E-7"}) << "one that was followed with others is followed alone";
  EXPECT_EQ(of_a("E-7"), Ids{"E-7"});
}

TEST_F(ChannelVectorTest, OfAChannelThatWasNotFollowedNothingIsKnown) {
  EXPECT_EQ(of_both("a:E-7"), (Ids{"E-7", std::nullopt}));
  EXPECT_EQ(of_both("a:,b:E-9"), (Ids{std::nullopt, "E-9"}));
  EXPECT_EQ(of_both(""), (Ids{std::nullopt, std::nullopt}));
}

TEST_F(ChannelVectorTest, AnIdOfOneIsThatOnes) {
  const std::string id = a_->id_of(3);
  EXPECT_EQ(of_both(id), (Ids{id, std::nullopt}));
}

TEST_F(ChannelVectorTest, AnIdOfNoneIsEverybodysGap) {
  for (const char* id : {"E-7", "a:E-7,b", "nonsense", "c:E-1,d:E-2"}) EXPECT_EQ(of_both(id), (Ids{id, id}));
}

TEST_F(ChannelVectorTest, APlaceWhoseGapIsNotToldYetLeadsToItAgain) {
  std::string vector;
  append_to_vector(ChannelCursor(a_, "zzzzzzzz-7"), vector);
  append_to_vector(ChannelCursor(b_, std::string(8000, 'x')), vector);
  append_to_vector(ChannelCursor(b_, "a,b\r\n"), vector);
  EXPECT_EQ(vector, "a:zzzzzzzz-7,b:?,b:?");
}

TEST_F(ChannelVectorTest, TypesNameTheChannelAndAreNeverTheServersOwn) {
  EXPECT_EQ(type_of_several("a", ""), "a");
  EXPECT_EQ(type_of_several("a", "tick"), "a/tick");
  for (const char* name : {"begin", "gap", "heartbeat", "error", "open"}) {
    EXPECT_EQ(type_of_several(name, ""), std::string(name) + "/message");
  }
}

TEST_F(ChannelVectorTest, WhatMayBeAskedForFitsWithTheNamesIntoOneQuery) {
  EXPECT_TRUE(fits_into_an_id(std::vector<std::string>{std::string(128, 'n')}));
  EXPECT_TRUE(fits_into_an_id(std::vector<std::string>(64, std::string(36, 'n'))));
  EXPECT_FALSE(fits_into_an_id(std::vector<std::string>(64, std::string(57, 'n'))));
  EXPECT_FALSE(fits_into_an_id(std::vector<std::string>(64, std::string(36, '~'))));
  EXPECT_FALSE(fits_into_an_id(std::vector<std::string>(64, std::string(116, 'n'))));
}

}  // namespace
}  // namespace tidings
