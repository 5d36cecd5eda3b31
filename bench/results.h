// What the rounds of one scenario gave: each contender in turn, several times over, so that a noisy machine treats all
// alike.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tidings/bench/rivals/contenders.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {

struct Round {
  Outcome outcome;
  double others = 0;  // of the machine's CPU, what neither the server nor this program took
};

struct Results {
  struct Row {
    Contender contender;
    std::string left_out = {};  // empty, or why it did not take part
    std::string failure = {};   // empty, or what went wrong; it had no turn after that
    std::vector<Round> rounds = {};
  };

  const Scenario& scenario;
  Load load;
  std::vector<Row> rows = {};  // each of the field
};

// Says on stderr what goes on.
Results run(const Scenario& scenario, const Load& load, const std::vector<Contender>& field, std::size_t rounds,
            Contenders& contenders);

}  // namespace tidings::bench
