#include "tidings/bench/report.h"

#include <gtest/gtest.h>

#include <vector>

#include "tidings/bench/results.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

const Scenario kScenario = {
    .name = "test",
    .question = "?",
    .load = {},
    .describe = nullptr,
    .why_not = anyone,
    .figures = {{.name = "CPU", .has_ratio = true}, {.name = "KiB"}},
    .goals = {{.contender = "ours", .figure = "CPU", .most = 0.95, .by = "floor"},
              {.contender = "ours", .figure = "KiB", .most = 0.6}},
    .measure = nullptr,
};

Results::Row row(const char* name, const std::vector<std::vector<double>>& rounds, double others = 0) {
  Results::Row row{.contender = {.name = name, .title = name, .serves_on = "1"}};
  for (const auto& figures : rounds) row.rounds.push_back({.outcome = {.figures = figures}, .others = others});
  return row;
}

Results results(const std::vector<Results::Row>& rows) { return {.scenario = kScenario, .load = {}, .rows = rows}; }

TEST(Report, AGoalIsMissedByTheMedianOfTheRoundsRatiosOrValues) {
  const Results::Row floor = row("floor", {{10, 1}, {11, 1}, {10, 1}});
  struct Case {
    std::vector<std::vector<double>> rounds;
    bool is_missed;
  };
  for (const Case& each : {Case{{{9, 0.6}, {20, 0.6}, {9, 0.6}}, false}, Case{{{9, 0.6}, {11, 0.6}, {10, 0.6}}, true},
                           Case{{{9, 0.7}, {9, 0.7}, {9, 0.5}}, true}}) {
    const Results with = results({floor, row("ours", each.rounds)});
    EXPECT_EQ(Report(with, true).is_goal_missed(), each.is_missed);
    EXPECT_FALSE(Report(with, false).is_goal_missed());
    EXPECT_FALSE(Report(with, true).have_we_failed());
  }
}

TEST(Report, AGoalMayBeToReachSomethingAndByAnyContendersFigure) {
  Scenario scenario = kScenario;
  scenario.goals = {{.contender = "ours_power", .figure = "CPU", .least = 1.5, .by = "redis"}};
  const auto is_missed = [&](const std::vector<Results::Row>& rows) {
    const Results with{.scenario = scenario, .load = {}, .rows = rows};
    return Report(with, true).is_goal_missed();
  };
  const Results::Row redis = row("redis", {{10, 1}, {20, 1}, {30, 1}});
  EXPECT_FALSE(is_missed({redis, row("ours_power", {{15, 1}, {29, 1}, {60, 1}})}));
  EXPECT_TRUE(is_missed({redis, row("ours_power", {{14, 1}, {29, 1}, {60, 1}})}));
  EXPECT_FALSE(is_missed({row("ours_power", {{14, 1}, {29, 1}, {60, 1}})}));  // nobody to judge it by
}

TEST(Report, ANoisyMachineJudgesNothing) {
  const Results::Row ours = row("ours", {{20, 9}, {20, 9}, {20, 9}, {20, 9}});
  const Results uneven = results({row("floor", {{10, 1}, {14, 1}, {10, 1}, {14, 1}}), ours});
  EXPECT_FALSE(Report(uneven, true).is_goal_missed());
  const Results busy = results({row("floor", {{10, 1}}, 0.2), row("ours", {{20, 9}}, 0.2)});
  EXPECT_FALSE(Report(busy, true).is_goal_missed());
  const Results quiet = results({row("floor", {{10, 1}}, 0.05), row("ours", {{20, 9}}, 0.05)});
  EXPECT_TRUE(Report(quiet, true).is_goal_missed());
}

TEST(Report, RatiosAreToEachBaseThatTookPart) {
  Scenario scenario = kScenario;
  scenario.bases = {"floor", "floor_gathering"};
  scenario.describe = [](const Load&) { return std::string("What is done"); };
  const auto printed = [&](const std::vector<Results::Row>& rows) {
    const Results with{.scenario = scenario, .load = {}, .rows = rows};
    testing::internal::CaptureStdout();
    Report(with, false).print(true);
    return testing::internal::GetCapturedStdout();
  };
  const Results::Row floor = row("floor", {{20, 1}}), gathering = row("floor_gathering", {{5, 1}});
  const std::string both = printed({floor, gathering, row("ours", {{10, 1}})});
  EXPECT_NE(both.find("as a multiple of floor, then of floor_gathering"), std::string::npos) << both;
  EXPECT_NE(both.find("| ours | 1 | 10.0 (0.50; 2.00) |"), std::string::npos) << both;
  const std::string one = printed({floor, row("ours", {{10, 1}})});
  EXPECT_NE(one.find("as a multiple of floor ("), std::string::npos) << one;
  EXPECT_NE(one.find("| ours | 1 | 10.0 (0.50) |"), std::string::npos) << one;
}

TEST(Report, WhatIsLostOrFailsCountsOfOursAndOfTheFloor) {
  for (const char* name : {"ours", "ours_generators2", "floor", "go"}) {
    const bool counts = std::string(name) != "go";
    Results::Row lost = row(name, {{10, 1}}), misplaced = lost, failed = lost;
    lost.rounds[0].outcome.lost = 1;
    misplaced.rounds[0].outcome.misplaced = 1;
    failed.failure = "it fell over";
    for (const Results::Row& wrong : {lost, misplaced, failed}) {
      const Results with = results({wrong});
      EXPECT_EQ(Report(with, true).have_we_failed(), counts) << name;
    }
  }
}

}  // namespace
}  // namespace tidings::bench
