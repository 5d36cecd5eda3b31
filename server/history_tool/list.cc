#include "tidings/server/history_tool/list.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <vector>

#include "tidings/server/clock/iso8601.h"

namespace tidings {
namespace {

std::string text_of(std::int64_t time) {
  return to_iso8601(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(time)));
}

struct Line {
  std::uint64_t events = 0, bytes = 0;
  std::int64_t oldest = std::numeric_limits<std::int64_t>::max(), newest = std::numeric_limits<std::int64_t>::min();
};

// The names are last: they may have 128 characters.
std::string text_of(const Line& line, const std::string& name) {
  const bool has_events = line.events > 0;
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, "%12" PRIu64 "  %16" PRIu64 "  %-24s  %-24s  ", line.events, line.bytes,
                has_events ? text_of(line.oldest).c_str() : "-", has_events ? text_of(line.newest).c_str() : "-");
  return numbers + name + '\n';
}

}  // namespace

std::string table_of(const HistoryView::Overview& overview) {
  char head[128];
  std::snprintf(head, sizeof head, "%12s  %16s  %-24s  %-24s  channel\n", "events", "bytes", "oldest", "newest");
  std::string table = head;
  std::vector<std::size_t> order(overview.channels.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return overview.channels[a].name < overview.channels[b].name; });
  Line total;
  for (const std::size_t index : order) {
    const HistoryFile::Channel& channel = overview.channels[index];
    const Line line{channel.count(), channel.bytes, channel.oldest, overview.newest[index]};
    table += text_of(line, channel.name);
    total.events += line.events;
    total.bytes += line.bytes;
    if (line.events == 0) continue;
    total.oldest = std::min(total.oldest, line.oldest);
    total.newest = std::max(total.newest, line.newest);
  }
  table += text_of(total, "in all, of " + std::to_string(order.size()) + " channels");
  table += "Epoch " + std::to_string(overview.epoch) + ", kept with --durability " +
           (overview.is_power_safe ? "power" : "process") +
           (overview.is_clean ? "; closed.\n" : "; a server runs, or was killed.\n");
  return table;
}

}  // namespace tidings
