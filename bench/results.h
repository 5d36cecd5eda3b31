// What the rounds of one scenario gave. In each round every contender has its turn, so that a noisy machine treats all
// of them alike.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tidings/bench/rivals/contenders.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {

struct Round {
  Outcome outcome;
  double others = 0;  // the share of the machine's CPU that neither the server nor this program took, from 0 to 1
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
  std::vector<Row> rows = {};  // one for each contender, in their order
};

// Runs the scenario `rounds` times against each contender of the field. Says on stderr how far it is.
Results run(const Scenario& scenario, const Load& load, const std::vector<Contender>& field, std::size_t rounds,
            Contenders& contenders);

}  // namespace tidings::bench
