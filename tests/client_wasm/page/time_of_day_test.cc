#include "tidings/client_wasm/page/time_of_day.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tidings {
namespace {

TEST(TimeOfDay, IsHoursMinutesAndSecondsInUtc) {
  const struct {
    double moment;
    std::string_view text;
  } kRows[] = {
      {0, "00:00:00"},          {999, "00:00:00"},
      {1000, "00:00:01"},       {59'999, "00:00:59"},
      {3'599'000, "00:59:59"},  {86'399'999, "23:59:59"},
      {86'400'000, "00:00:00"}, {1'795'934'412'345, "06:40:12"},  // 2026-11-29
  };
  for (const auto& [moment, text] : kRows) EXPECT_EQ(std::string_view(TimeOfDay(moment)), text) << moment;
}

}  // namespace
}  // namespace tidings
