#include "bench/comparison.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "bench/percentiles.h"

namespace tidings::bench {
namespace {

// Above these the machine decides the figures, not the servers.
constexpr double kMostFloorSpread = 0.25;  // between the middle half of its rounds, of their median
constexpr double kMostOthers = 0.10;       // of the machine's CPU

using Figure = double BroadcastOutcome::*;

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char buffer[160];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

Percentiles samples(const std::vector<BroadcastOutcome>& rounds, Figure figure) {
  Percentiles found;
  for (const BroadcastOutcome& round : rounds) {
    if (round.failure.empty()) found.add(round.*figure);
  }
  return found;
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths, bool is_markdown) {
  std::string line = is_markdown ? "|" : " ";
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

const Comparison::Row* Comparison::floor() const {
  for (const Row& row : rows_) {
    if (row.contender.name == "floor" && samples(row.rounds, &BroadcastOutcome::open_s).count() > 0) return &row;
  }
  return nullptr;
}

std::string Comparison::noise() const {
  if (const Row* row = floor()) {
    Percentiles cpu = samples(row->rounds, &BroadcastOutcome::cpu_us);
    const double spread = cpu.at(50) > 0 ? (cpu.at(75) - cpu.at(25)) / cpu.at(50) : 0;
    if (spread > kMostFloorSpread) {
      return text("the floor's own CPU per event differs by %.0f %% between rounds", spread * 100);
    }
  }
  Percentiles others;
  for (const Row& row : rows_) {
    for (const BroadcastOutcome& round : row.rounds) {
      if (round.failure.empty()) others.add(round.others);
    }
  }
  if (others.at(50) > kMostOthers) return text("others took %.0f %% of the machine's CPU", others.at(50) * 100);
  return {};
}

bool Comparison::have_we_failed() const {
  return std::any_of(rows_.begin(), rows_.end(), [](const Row& row) {
    if (!row.contender.name.starts_with("ours") && row.contender.name != "floor") return false;
    return std::any_of(row.rounds.begin(), row.rounds.end(), [](const BroadcastOutcome& round) {
      return !round.failure.empty() || round.lost > 0 || round.misplaced > 0;
    });
  });
}

std::vector<std::string> Comparison::cells(const Row& row, bool with_ratios, bool with_events) const {
  const Row* base = floor();
  const auto with_ratio = [&](Figure figure, const char* format) {
    Percentiles found = samples(row.rounds, figure);
    char value[32];
    std::snprintf(value, sizeof value, format, found.at(50));
    std::string cell = value;
    if (!with_ratios || base == nullptr) return cell;
    Percentiles ratios;
    for (std::size_t i = 0; i < std::min(row.rounds.size(), base->rounds.size()); ++i) {
      const BroadcastOutcome &a = row.rounds[i], &b = base->rounds[i];
      if (a.failure.empty() && b.failure.empty() && b.*figure > 0) ratios.add(a.*figure / (b.*figure));
    }
    return ratios.count() > 0 ? cell + text(" (%.2f)", ratios.at(50)) : cell;
  };
  const auto spread = [&](Figure figure) {
    Percentiles found = samples(row.rounds, figure);
    return text("%.2f-%.2f", found.at(0), found.at(100));
  };
  std::vector<std::string> cells{row.contender.title, row.contender.serves_on};
  if (with_events) {
    cells.push_back(with_ratio(&BroadcastOutcome::cpu_us, "%.2f"));
    cells.push_back(spread(&BroadcastOutcome::cpu_us));
    cells.push_back(with_ratio(&BroadcastOutcome::p50_ms, "%.1f"));
    cells.push_back(with_ratio(&BroadcastOutcome::p99_ms, "%.1f"));
    cells.push_back(text("%.1f", samples(row.rounds, &BroadcastOutcome::max_ms).at(100)));
  }
  cells.push_back(text("%.2f", samples(row.rounds, &BroadcastOutcome::idle_kib).at(50)));
  if (with_events) cells.push_back(text("%.2f", samples(row.rounds, &BroadcastOutcome::used_kib).at(50)));
  cells.push_back(with_ratio(&BroadcastOutcome::open_s, "%.2f"));
  std::uint64_t lost = 0, misplaced = 0;
  std::size_t failed = 0;
  for (const BroadcastOutcome& round : row.rounds) {
    lost += round.lost;
    misplaced += round.misplaced;
    failed += round.failure.empty() ? 0 : 1;
  }
  std::string wrong = std::to_string(lost);
  if (misplaced > 0) wrong += ", " + std::to_string(misplaced) + " misplaced";
  if (failed > 0) wrong += ", " + std::to_string(failed) + " rounds failed";
  cells.push_back(wrong);
  return cells;
}

void Comparison::print(const Broadcast& broadcast, bool is_markdown) const {
  const std::string why_noisy = noise();
  const bool with_events = broadcast.events > 0;
  std::vector<std::vector<std::string>> table;
  std::vector<std::string> head{"server", "serves on"};
  if (with_events) head.insert(head.end(), {"CPU us/event", "spread", "p50 ms", "p99 ms", "max ms"});
  head.push_back("KiB/subscriber");
  if (with_events) head.push_back("after events");
  head.insert(head.end(), {"open s", "lost"});
  table.push_back(head);
  for (const Row& row : rows_) {
    if (row.skipped.empty()) table.push_back(cells(row, why_noisy.empty(), with_events));
  }
  std::vector<std::size_t> widths(head.size());
  for (const auto& row : table) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  if (with_events) {
    std::printf("\n%zu subscribers, %zu events of %zu bytes, %zu a second; medians", broadcast.subscribers,
                broadcast.events, broadcast.bytes, broadcast.rate);
  } else {
    std::printf("\n%zu silent subscribers; medians", broadcast.subscribers);
  }
  std::puts(why_noisy.empty() ? ", in parentheses as a multiple of the floor (median of the rounds' ratios)\n" : "\n");
  print_row(table.front(), widths, is_markdown);
  if (is_markdown) print_row(std::vector<std::string>(head.size(), "---"), widths, true);
  for (std::size_t i = 1; i < table.size(); ++i) print_row(table[i], widths, is_markdown);
  std::puts("");
  if (!why_noisy.empty()) std::printf("This machine is too noisy for ratios: %s.\n", why_noisy.c_str());
  for (const Row& row : rows_) {
    if (!row.skipped.empty()) std::printf("%s: left out, %s.\n", row.contender.title.c_str(), row.skipped.c_str());
    for (const BroadcastOutcome& round : row.rounds) {
      if (round.failure.empty()) continue;
      std::printf("%s: FAILED, %s\n", row.contender.title.c_str(), round.failure.c_str());
      break;
    }
  }
}

}  // namespace tidings::bench
