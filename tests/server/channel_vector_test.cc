#include "server/channel_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/hub.h"
#include "tests/server/manual_clock.h"

namespace tidings {
namespace {

class ChannelVectorTest : public testing::Test {
 protected:
  std::optional<std::string_view> of(const std::shared_ptr<Channel>& channel, std::string_view id) const {
    return id_for(*channel, id, both_);
  }

  Hub hub_{{}, std::make_shared<ManualClock>(Clock::WallTime()), 1};
  std::shared_ptr<Channel> a_ = hub_.channel("a"), b_ = hub_.channel("b");
  std::vector<std::shared_ptr<Channel>> both_{a_, b_};
};

TEST_F(ChannelVectorTest, OneChannelTakesTheWholeId) {
  const std::vector<std::shared_ptr<Channel>> alone{a_};
  EXPECT_EQ(id_for(*a_, "a:E-7,b:E-9", alone), "a:E-7,b:E-9");
  EXPECT_EQ(id_for(*a_, std::nullopt, alone), std::nullopt);
}

TEST_F(ChannelVectorTest, EachOfSeveralTakesItsPlace) {
  EXPECT_EQ(of(a_, "a:E-7,b:E-9"), "E-7");
  EXPECT_EQ(of(b_, "a:E-7, b:E-9"), "E-9");
  EXPECT_EQ(of(b_, "a:E-7"), std::nullopt) << "it was not followed then";
}

TEST_F(ChannelVectorTest, AnIdOfOneIsThatOnes) {
  const std::string id = a_->id_of(3);
  EXPECT_EQ(of(a_, id), id);
  EXPECT_EQ(of(b_, id), std::nullopt);
}

TEST_F(ChannelVectorTest, AnIdOfNoneIsEverybodysGap) {
  for (const char* id : {"E-7", "a:E-7,b", "nonsense"}) {
    EXPECT_EQ(of(a_, id), id);
    EXPECT_EQ(of(b_, id), id);
  }
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
  EXPECT_FALSE(fits_into_an_id(std::vector<std::string>(64, std::string(116, 'n'))));
}

}  // namespace
}  // namespace tidings
