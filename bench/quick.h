// The short form: a few figures that guard what has been reached, and whether one has become worse than the figure that
// was recorded for it. The rule is judge()'s. Not for the tables of docs/PERFORMANCE.md, which take longer rounds and
// more servers. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/results.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {

// A figure of one contender, the less the better: by that of another in the same round, or as it is where `by` is
// empty.
struct Guard {
  std::string scenario, figure, contender, by = {};
};

// The scenarios of the short form, with the load that replaces parts of their own, and what guards them.
struct QuickScenario {
  std::string name;
  Load load = {};  // 0: as the scenario has it
  std::vector<Guard> guards;
};
const std::vector<QuickScenario>& quick_scenarios();

// What the rounds of one run gave for a guard.
struct Measured {
  double median = 0, least = 0, most = 0;
};
// Nothing where a contender of the guard's has no round.
std::optional<Measured> measured(const Results& results, const Guard& guard);

enum class Verdict { kBetter, kWithinNoise, kWorse };

// The noise is half of what lies between the least and the most of the recorded rounds, and half of the same of this
// run's, together; two hundredths of the recorded median where that is less. A figure is worse when its median is above
// the recorded one by more than the noise, and better when it is below by more. For five rounds of a normal
// distribution that is about three times the deviation of the difference between two medians.
double noise(const Measured& recorded, const Measured& now);
Verdict judge(const Measured& recorded, const Measured& now);

// A file of recorded figures: a line for each, with a tab between its parts; what begins with # is for people.
class QuickFigures {
 public:
  // Throws std::runtime_error, with the line that is none.
  static QuickFigures parse(std::string_view text);
  std::string text() const;

  void add(const Guard& guard, const Measured& figure) { lines_.push_back({guard, figure}); }
  std::optional<Measured> find(const Guard& guard) const;

 private:
  struct Line {
    Guard guard;
    Measured figure;
  };

  std::vector<Line> lines_;
};

}  // namespace tidings::bench
