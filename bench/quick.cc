#include "tidings/bench/quick.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <stdexcept>

#include "tidings/bench/load/percentiles.h"

namespace tidings::bench {
namespace {

constexpr double kLeastNoise = 0.02;  // by the recorded median: so much differs between machines that are quiet
constexpr std::size_t kParts = 7;

constexpr std::string_view kHead =
    "# What `bazel run //bench:fanout -- --quick` compares with; written by it with --record, on a quiet machine.\n"
    "# scenario\tfigure\tcontender\tby whose figure of the same round\tmedian\tleast\tmost\n";

const Results::Row* row_of(const Results& results, const std::string& contender) {
  for (const Results::Row& row : results.rows) {
    if (row.contender.name == contender) return &row;
  }
  return nullptr;
}

std::vector<std::string> parts_of(std::string_view line) {
  std::vector<std::string> parts{""};
  for (const char c : line) {
    if (c == '\t') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

double number(const std::string& text, std::string_view line) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) {
    throw std::runtime_error("A recorded figure is no number of 0 or more: " + std::string(line));
  }
  return value;
}

}  // namespace

const std::vector<QuickScenario>& quick_scenarios() {
  static const std::vector<QuickScenario> kScenarios = {
      {.name = "open",
       .guards = {{.scenario = "open", .figure = "CPU us/opening", .contender = "ours", .by = "floor"}}},
      {.name = "churn",
       .guards = {{.scenario = "churn", .figure = "CPU us/visit", .contender = "ours", .by = "floor"}}},
      {.name = "publish",
       .guards =
           {{.scenario = "publish", .figure = "CPU us/publication", .contender = "ours", .by = "floor"},
            {.scenario = "publish", .figure = "CPU us/publication", .contender = "ours", .by = "floor_gathering"}}},
      {.name = "fanout",
       .load = {.events = 30},
       .guards = {{.scenario = "fanout", .figure = "CPU us/event", .contender = "ours", .by = "floor"},
                  {.scenario = "fanout", .figure = "CPU us/event", .contender = "ours_generators", .by = "floor"}}},
      {.name = "idle",
       .load = {.clients = 2000},
       .guards = {{.scenario = "idle", .figure = "KiB/stream", .contender = "ours"},
                  {.scenario = "idle", .figure = "KiB/stream", .contender = "ours_generators"}}},
  };
  return kScenarios;
}

std::optional<Measured> measured(const Results& results, const Guard& guard) {
  const Results::Row* const row = row_of(results, guard.contender);
  const Results::Row* const base = guard.by.empty() ? nullptr : row_of(results, guard.by);
  if (row == nullptr || (base == nullptr && !guard.by.empty())) return std::nullopt;
  const std::vector<Figure>& figures = results.scenario.figures;
  const auto figure = static_cast<std::size_t>(
      std::find_if(figures.begin(), figures.end(), [&](const Figure& each) { return each.name == guard.figure; }) -
      figures.begin());
  Percentiles found;
  for (std::size_t i = 0; i < std::min(row->rounds.size(), base != nullptr ? base->rounds.size() : SIZE_MAX); ++i) {
    const double by = base != nullptr ? base->rounds[i].outcome.figures[figure] : 1;
    if (by > 0) found.add(row->rounds[i].outcome.figures[figure] / by);
  }
  if (found.count() == 0) return std::nullopt;
  return Measured{.median = found.at(50), .least = found.at(0), .most = found.at(100)};
}

double noise(const Measured& recorded, const Measured& now) {
  return std::max((recorded.most - recorded.least) / 2 + (now.most - now.least) / 2, kLeastNoise * recorded.median);
}

Verdict judge(const Measured& recorded, const Measured& now) {
  const double more = now.median - recorded.median, allowed = noise(recorded, now);
  return more > allowed ? Verdict::kWorse : more < -allowed ? Verdict::kBetter : Verdict::kWithinNoise;
}

QuickFigures QuickFigures::parse(std::string_view text) {
  QuickFigures figures;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.starts_with('#')) continue;
    const std::vector<std::string> parts = parts_of(line);
    if (parts.size() != kParts) {
      throw std::runtime_error("A recorded figure has " + std::to_string(kParts) +
                               " parts with a tab between them, not these: " + std::string(line));
    }
    figures.add({.scenario = parts[0], .figure = parts[1], .contender = parts[2], .by = parts[3]},
                {.median = number(parts[4], line), .least = number(parts[5], line), .most = number(parts[6], line)});
  }
  return figures;
}

std::string QuickFigures::text() const {
  std::string text(kHead);
  for (const Line& line : lines_) {
    for (const std::string& part : {line.guard.scenario, line.guard.figure, line.guard.contender, line.guard.by}) {
      text += part + '\t';
    }
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "%.4f\t%.4f\t%.4f\n", line.figure.median, line.figure.least,
                  line.figure.most);
    text += numbers;
  }
  return text;
}

std::optional<Measured> QuickFigures::find(const Guard& guard) const {
  for (const auto& [each, figure] : lines_) {
    if (each.scenario == guard.scenario && each.figure == guard.figure && each.contender == guard.contender &&
        each.by == guard.by) {
      return figure;
    }
  }
  return std::nullopt;
}

}  // namespace tidings::bench
