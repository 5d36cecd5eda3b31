#include "tidings/bench/quick.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/bench/rivals/contenders.h"

namespace tidings::bench {
namespace {

TEST(Quick, AFigureIsWorseWhenItsMedianIsAboveTheRecordedOneByMoreThanBothHalvesOfTheSpread) {
  struct Case {
    const char* name;
    Measured recorded, now;
    Verdict verdict;
  };
  const Measured recorded{.median = 1.0, .least = 0.95, .most = 1.05};  // half of its spread: 0.05
  for (const Case& each : {
           Case{"the same", recorded, recorded, Verdict::kWithinNoise},
           Case{"above by less than both", recorded, {1.09, 1.04, 1.14}, Verdict::kWithinNoise},
           Case{"above by more than both", recorded, {1.11, 1.06, 1.16}, Verdict::kWorse},
           Case{"above by as much in a run that differs more", recorded, {1.11, 1.0, 1.2}, Verdict::kWithinNoise},
           Case{"below by more than both", recorded, {0.89, 0.84, 0.94}, Verdict::kBetter},
           Case{"by a hundredth where nothing differs", {1, 1, 1}, {1.01, 1.01, 1.01}, Verdict::kWithinNoise},
           Case{"by three hundredths where nothing differs", {1, 1, 1}, {1.03, 1.03, 1.03}, Verdict::kWorse},
       }) {
    EXPECT_EQ(judge(each.recorded, each.now), each.verdict) << each.name;
  }
}

Results::Row row(const char* name, const std::vector<double>& rounds) {
  Results::Row row{.contender = {.name = name, .title = name, .serves_on = "1"}};
  for (const double figure : rounds) row.rounds.push_back({.outcome = {.figures = {0, figure}}});
  return row;
}

TEST(Quick, RatiosAreOfTheSameRound) {
  const Scenario scenario = {.name = "test",
                             .question = "?",
                             .load = {},
                             .describe = nullptr,
                             .why_not = anyone,
                             .figures = {{.name = "other"}, {.name = "CPU"}},
                             .measure = nullptr};
  const Results results{
      .scenario = scenario, .load = {}, .rows = {row("floor", {10, 20, 40}), row("ours", {10, 30, 120})}};
  const auto ratio = measured(results, {.scenario = "test", .figure = "CPU", .contender = "ours", .by = "floor"});
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->median, 1.5);
  EXPECT_DOUBLE_EQ(ratio->least, 1);
  EXPECT_DOUBLE_EQ(ratio->most, 3);
  const auto itself = measured(results, {.scenario = "test", .figure = "CPU", .contender = "ours"});
  ASSERT_TRUE(itself);
  EXPECT_DOUBLE_EQ(itself->median, 30);
  EXPECT_FALSE(measured(results, {.scenario = "test", .figure = "CPU", .contender = "ours", .by = "go"}));
}

TEST(Quick, FiguresComeBackFromTheirFileAsTheyWereRecorded) {
  const Guard ratio{.scenario = "open", .figure = "CPU us/opening", .contender = "ours", .by = "floor"};
  const Guard itself{.scenario = "idle", .figure = "KiB/stream", .contender = "ours"};
  QuickFigures figures;
  figures.add(ratio, {1.25, 1.2, 1.3});
  figures.add(itself, {0.41, 0.4, 0.42});
  const QuickFigures read = QuickFigures::parse(figures.text());
  ASSERT_TRUE(read.find(ratio) && read.find(itself));
  EXPECT_DOUBLE_EQ(read.find(ratio)->most, 1.3);
  EXPECT_DOUBLE_EQ(read.find(itself)->median, 0.41);
  EXPECT_FALSE(read.find({.scenario = "idle", .figure = "KiB/stream", .contender = "floor"}));
}

TEST(Quick, ALineThatIsNoFigureIsRefused) {
  for (const char* line :
       {"open", "open\tCPU\tours\tfloor\t1\t1", "open\tCPU\tours\tfloor\t1\t1\tx", "open\tCPU\tours\tfloor\t1\t1\t-1",
        "open\tCPU\tours\tfloor\t1\t1\tnan", "open\tCPU\tours\tfloor\t1\t1\t1\t1"}) {
    EXPECT_THROW(QuickFigures::parse(line), std::runtime_error) << line;
  }
}

TEST(Quick, EachGuardIsOfWhatThereIsAndHasARecordedFigure) {
  std::ifstream file("bench/quick_figures.tsv");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const QuickFigures recorded = QuickFigures::parse(text);
  std::set<std::string> contenders;
  for (const Contender& each : Contenders::all()) contenders.insert(each.name);
  for (const QuickScenario& quick : quick_scenarios()) {
    const auto scenario = std::find_if(scenarios().begin(), scenarios().end(),
                                       [&](const Scenario& each) { return each.name == quick.name; });
    ASSERT_NE(scenario, scenarios().end()) << quick.name;
    for (const Guard& guard : quick.guards) {
      EXPECT_EQ(guard.scenario, quick.name);
      EXPECT_TRUE(contenders.contains(guard.contender)) << guard.contender;
      EXPECT_TRUE(guard.by.empty() || contenders.contains(guard.by)) << guard.by;
      EXPECT_TRUE(std::any_of(scenario->figures.begin(), scenario->figures.end(), [&](const Figure& each) {
        return each.name == guard.figure;
      })) << guard.figure;
      EXPECT_TRUE(recorded.find(guard)) << quick.name << ", " << guard.figure << " of " << guard.contender;
    }
  }
}

}  // namespace
}  // namespace tidings::bench
