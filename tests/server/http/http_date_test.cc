#include "tidings/server/http/http_date.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

TEST(HttpDate, IsAnImfFixdate) {
  struct Row {
    std::int64_t seconds;
    const char* text;
  };
  for (const Row& row :
       {Row{0, "Thu, 01 Jan 1970 00:00:00 GMT"}, Row{784'111'777, "Sun, 06 Nov 1994 08:49:37 GMT"},
        Row{951'827'696, "Tue, 29 Feb 2000 12:34:56 GMT"}, Row{1'795'573'400, "Wed, 25 Nov 2026 02:23:20 GMT"},
        Row{-1, "Wed, 31 Dec 1969 23:59:59 GMT"}, Row{253'402'300'799, "Fri, 31 Dec 9999 23:59:59 GMT"}}) {
    EXPECT_EQ(http_date(std::chrono::sys_seconds(std::chrono::seconds(row.seconds))), row.text);
  }
}

TEST(HttpDate, FollowsTheWallClockBySeconds) {
  ManualClock clock(ManualClock::WallTime(784'111'777'000ms));
  EXPECT_EQ(http_date(std::chrono::floor<std::chrono::seconds>(clock.wall_now())), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.advance(999ms);
  EXPECT_EQ(http_date(std::chrono::floor<std::chrono::seconds>(clock.wall_now())), "Sun, 06 Nov 1994 08:49:37 GMT");
  clock.advance(1ms);
  EXPECT_EQ(http_date(std::chrono::floor<std::chrono::seconds>(clock.wall_now())), "Sun, 06 Nov 1994 08:49:38 GMT");
  clock.step_wall(-10s);
  EXPECT_EQ(http_date(std::chrono::floor<std::chrono::seconds>(clock.wall_now())), "Sun, 06 Nov 1994 08:49:28 GMT");
}

}  // namespace
}  // namespace tidings
