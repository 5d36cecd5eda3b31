// The rounds' outcomes of all contenders, and the table of their medians. Ratios are to the floor of the same round,
// which a noisy machine treats alike; where it was too noisy, the table says so instead.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/broadcast_trial.h"
#include "bench/contenders.h"

namespace tidings::bench {

class Comparison {
 public:
  explicit Comparison(std::vector<Contender> contenders) : rows_(contenders.size()) {
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].contender = std::move(contenders[i]);
  }

  void add(std::size_t contender, BroadcastOutcome outcome) { rows_[contender].rounds.push_back(std::move(outcome)); }
  void skip(std::size_t contender, std::string reason) { rows_[contender].skipped = std::move(reason); }

  // As text, or as a table of Markdown.
  void print(const Broadcast& broadcast, bool is_markdown) const;

  bool is_too_noisy() const { return !noise().empty(); }
  // Whether a server of ours failed or lost an event.
  bool have_we_failed() const;

 private:
  struct Row {
    Contender contender;
    std::vector<BroadcastOutcome> rounds;
    std::string skipped;
  };

  const Row* floor() const;
  std::string noise() const;  // a sentence, or nothing
  std::vector<std::string> cells(const Row& row, bool with_ratios, bool with_events) const;

  std::vector<Row> rows_;
};

}  // namespace tidings::bench
