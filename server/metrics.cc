#include "server/metrics.h"

#include <cstdint>
#include <string_view>

namespace tidings {
namespace {

struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  Count Gauges::*count;
};

constexpr Row kRows[] = {
    {"tidings_connections", "gauge", "Connections that are open, streams included.", &Gauges::connections},
    {"tidings_streams", "gauge", "Event streams that are open.", &Gauges::streams},
    {"tidings_frames", "gauge", "Generator frames that are alive.", &Gauges::frames},
    {"tidings_blocked_streams", "gauge", "Streams whose client has not taken what it was sent.", &Gauges::blocked},
    {"tidings_requests_total", "counter", "Requests that were whole.", &Gauges::requests},
    {"tidings_refused_requests_total", "counter", "Requests that the gateway refused.", &Gauges::refused_requests},
    {"tidings_events_total", "counter", "Events sent on streams.", &Gauges::events},
    {"tidings_stream_bytes_total", "counter", "Bytes of streams handed to the kernel.", &Gauges::bytes},
    {"tidings_generator_failures_total", "counter", "Generators that ended by an exception.",
     &Gauges::generator_failures},
    {"tidings_slow_disconnects_total", "counter", "Streams ended since the client did not read.",
     &Gauges::slow_disconnects},
    {"tidings_gaps_total", "counter", "Gap events sent: a client's place was no longer kept.", &Gauges::gaps},
};

}  // namespace

std::string prometheus_text(const std::vector<const Gauges*>& loops) {
  std::string text;
  for (const Row& row : kRows) {
    std::int64_t sum = 0;
    for (const Gauges* gauges : loops) sum += (gauges->*row.count).value();
    text.append("# HELP ").append(row.name).append(" ").append(row.help);
    text.append("\n# TYPE ").append(row.name).append(" ").append(row.type);
    text.append("\n").append(row.name).append(" ").append(std::to_string(sum)).append("\n");
  }
  return text;
}

}  // namespace tidings
