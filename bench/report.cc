#include "tidings/bench/report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <map>

#include "tidings/bench/load/percentiles.h"

namespace tidings::bench {
namespace {

// Above these the machine decides the figures, not the servers: the width of the middle half of the floor's rounds,
// divided by their median, and the share of the machine's CPU that others took.
constexpr double kMostFloorSpread = 0.25;
constexpr double kMostOthers = 0.10;

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char buffer[160];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

Percentiles samples(const Results::Row& row, std::size_t figure) {
  Percentiles found;
  for (const Round& round : row.rounds) found.add(round.outcome.figures[figure]);
  return found;
}

bool is_met(const Goal& goal, double figure) { return goal.least <= figure && figure <= goal.most; }

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, bool is_markdown) {
  std::string line = is_markdown ? "|" : "";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string pad(widths[i] - std::min(widths[i], cells[i].size()), ' ');
    if (is_markdown) {
      line += " " + cells[i] + " |";
    } else {
      line += " " + (i == 0 ? cells[i] + pad : pad + cells[i]) + " ";
    }
  }
  std::puts(line.c_str());
}

}  // namespace

Report::Report(const Results& results, bool has_goals) : results_(results) {
  for (const std::string& base : results.scenario.bases) {
    if (const Row* const row = row_of(base); row != nullptr) bases_.push_back(row);
  }
  noise_ = noise();
  if (has_goals) goals_ = results.scenario.goals;
}

std::string Report::noise() const {
  if (const Row* const floor = row_of("floor"); floor != nullptr) {
    Percentiles first = samples(*floor, 0);
    const double spread = first.at(50) > 0 ? (first.at(75) - first.at(25)) / first.at(50) : 0;
    if (spread > kMostFloorSpread) {
      return text("the floor's own %s differs by %.0f %% between rounds", results_.scenario.figures[0].name.c_str(),
                  spread * 100);
    }
  }
  Percentiles others;
  for (const Row& row : results_.rows) {
    for (const Round& round : row.rounds) others.add(round.others);
  }
  if (others.at(50) > kMostOthers) return text("others took %.0f %% of the machine's CPU", others.at(50) * 100);
  return {};
}

double Report::value(const Row& row, std::size_t figure) const {
  return samples(row, figure).at(results_.scenario.figures[figure].is_worst ? 100 : 50);
}

const Results::Row* Report::row_of(const std::string& contender) const {
  for (const Row& row : results_.rows) {
    if (row.contender.name == contender && !row.rounds.empty()) return &row;
  }
  return nullptr;
}

std::optional<double> Report::ratio(const Row& row, const Row* base, std::size_t figure) const {
  if (base == nullptr || !noise_.empty()) return std::nullopt;
  Percentiles ratios;
  for (std::size_t i = 0; i < std::min(row.rounds.size(), base->rounds.size()); ++i) {
    const double by = base->rounds[i].outcome.figures[figure];
    if (by > 0) ratios.add(row.rounds[i].outcome.figures[figure] / by);
  }
  return ratios.count() > 0 ? std::optional<double>(ratios.at(50)) : std::nullopt;
}

std::string Report::ratios(const Row& row, std::size_t figure) const {
  std::string all;
  for (const Row* const base : bases_) {
    const auto found = ratio(row, base, figure);
    if (found) all += (all.empty() ? "" : "; ") + text("%.2f", *found);
  }
  return all.empty() ? "" : " (" + all + ")";
}

std::vector<std::string> Report::cells(const Row& row) const {
  std::vector<std::string> cells{row.contender.title, row.contender.serves_on};
  std::uint64_t lost = 0, misplaced = 0;
  for (std::size_t i = 0; i < results_.scenario.figures.size(); ++i) {
    const Figure& figure = results_.scenario.figures[i];
    std::string cell = text("%.*f", figure.decimals, value(row, i));
    if (figure.has_ratio) cell += ratios(row, i);
    cells.push_back(cell);
    if (!figure.has_spread) continue;
    Percentiles found = samples(row, i);
    cells.push_back(text("%.*f-%.*f", figure.decimals, found.at(0), figure.decimals, found.at(100)));
  }
  for (const Round& round : row.rounds) {
    lost += round.outcome.lost;
    misplaced += round.outcome.misplaced;
  }
  std::string wrong = std::to_string(lost);
  if (misplaced > 0) wrong += ", " + std::to_string(misplaced) + " misplaced";
  if (!row.failure.empty()) wrong += ", FAILED";
  cells.push_back(wrong);
  return cells;
}

Report::Table Report::table() const {
  std::vector<std::string> head{"server", "serves on"};
  for (const Figure& figure : results_.scenario.figures) {
    head.push_back(figure.name);
    if (figure.has_spread) head.push_back("spread");
  }
  head.push_back("lost");
  Table table{head};
  for (const Row& row : results_.rows) {
    if (!row.rounds.empty()) table.push_back(cells(row));
  }
  return table;
}

bool Report::have_we_failed() const {
  return std::any_of(results_.rows.begin(), results_.rows.end(), [](const Row& row) {
    if (!row.contender.is_ours() && !row.contender.is_floor()) return false;
    return !row.failure.empty() || std::any_of(row.rounds.begin(), row.rounds.end(), [](const Round& round) {
      return round.outcome.lost > 0 || round.outcome.misplaced > 0;
    });
  });
}

std::optional<double> Report::reached(const Goal& goal) const {
  if (!noise_.empty()) return std::nullopt;
  const std::vector<Figure>& figures = results_.scenario.figures;
  const auto figure = static_cast<std::size_t>(
      std::find_if(figures.begin(), figures.end(), [&](const Figure& each) { return each.name == goal.figure; }) -
      figures.begin());
  const Row* const row = row_of(goal.contender);
  if (row == nullptr) return std::nullopt;
  return goal.by.empty() ? value(*row, figure) : ratio(*row, row_of(goal.by), figure);
}

bool Report::is_goal_missed() const {
  return std::any_of(goals_.begin(), goals_.end(), [this](const Goal& goal) {
    const auto found = reached(goal);
    return found && !is_met(goal, *found);
  });
}

void Report::print_goals(const char* bullet) const {
  for (const Goal& goal : goals_) {
    const auto found = reached(goal);
    const std::string by = goal.by.empty() ? "" : " by that of " + goal.by;
    const std::string bound =
        std::isinf(goal.most) ? text("at least %.4g", goal.least) : text("at most %.4g", goal.most);
    std::printf("%sgoal: %s of %s%s %s: %s\n", bullet, goal.figure.c_str(), goal.contender.c_str(), by.c_str(),
                bound.c_str(),
                !found ? "not judged" : text("%.2f, %s", *found, is_met(goal, *found) ? "met" : "NOT MET").c_str());
  }
}

void Report::print_absent(const char* bullet) const {
  std::map<std::string, std::string> absent;  // by the reason
  for (const Row& row : results_.rows) {
    if (!row.failure.empty())
      std::printf("%s%s FAILED: %s\n", bullet, row.contender.title.c_str(), row.failure.c_str());
    if (row.left_out.empty()) continue;
    std::string& titles = absent[row.left_out];
    titles += (titles.empty() ? "" : "; ") + row.contender.title;
  }
  for (const auto& [reason, titles] : absent) {
    std::printf("%snot there, %s: %s\n", bullet, reason.c_str(), titles.c_str());
  }
}

void Report::print(bool is_markdown) const {
  const Table rows = table();
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string bases;
  for (const Row* const base : bases_) bases += (bases.empty() ? "of " : ", then of ") + base->contender.name;
  std::size_t rounds = 0;
  for (const Row& row : results_.rows) rounds = std::max(rounds, row.rounds.size());
  std::printf("\n%s%s\n\n%s; medians of %zu rounds%s\n\n", is_markdown ? "### " : "",
              results_.scenario.question.c_str(), results_.scenario.describe(results_.load).c_str(), rounds,
              bases.empty() || !noise_.empty()
                  ? ""
                  : (", in parentheses as a multiple " + bases + " (median of the rounds' ratios)").c_str());
  print_row(rows.front(), widths, is_markdown);
  if (is_markdown) print_row(std::vector<std::string>(widths.size(), "---"), widths, true);
  for (std::size_t i = 1; i < rows.size(); ++i) print_row(rows[i], widths, is_markdown);
  std::puts("");
  const char* bullet = is_markdown ? "- " : "  ";
  if (!noise_.empty()) std::printf("%sThis machine is too noisy for ratios and goals: %s.\n", bullet, noise_.c_str());
  print_goals(bullet);
  print_absent(bullet);
  std::fflush(stdout);
}

}  // namespace tidings::bench
