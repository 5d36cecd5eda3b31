#include "protocol/event.h"

#include <gtest/gtest.h>

namespace standalone {
namespace {

TEST(Event, OneSideReadsWhatTheOtherWrites) {
  EXPECT_FALSE(is_low(to_data(20)));
  EXPECT_TRUE(is_low(to_data(19)));
}

}  // namespace
}  // namespace standalone
