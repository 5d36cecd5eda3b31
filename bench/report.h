// The results of a scenario as a table of medians, and whether our servers have reached their goals. A ratio is to a
// base's figure of the same round, mostly the floor's; where the machine was too noisy for ratios, the table says so
// instead.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tidings/bench/results.h"

namespace tidings::bench {

class Report {
 public:
  // `results` outlives it. `has_goals` is false for a load that is not the scenario's default: goals are for that one.
  Report(const Results& results, bool has_goals);

  // As text, or as Markdown.
  void print(bool is_markdown) const;

  // Whether a server of ours has failed, or has lost or misplaced an event.
  bool have_we_failed() const;
  bool is_goal_missed() const;

 private:
  using Row = Results::Row;
  using Table = std::vector<std::vector<std::string>>;

  std::string noise() const;  // a sentence that says why the machine was too noisy, or nothing
  double value(const Row& row, std::size_t figure) const;
  // The median of the rounds' ratios; nothing where `base` is null or the machine was too noisy.
  std::optional<double> ratio(const Row& row, const Row* base, std::size_t figure) const;
  const Row* row_of(const std::string& contender) const;         // null where it did not take part
  std::string ratios(const Row& row, std::size_t figure) const;  // in parentheses, to each base
  std::vector<std::string> cells(const Row& row) const;
  Table table() const;
  // The figure that the goal's contender has reached; nothing where it did not take part or the machine was too noisy.
  std::optional<double> reached(const Goal& goal) const;
  void print_goals(const char* bullet) const;
  void print_absent(const char* bullet) const;

  const Results& results_;
  std::vector<const Row*> bases_;  // those that took part
  std::string noise_;
  std::vector<Goal> goals_;
};

}  // namespace tidings::bench
