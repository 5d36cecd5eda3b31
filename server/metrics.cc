#include "tidings/server/metrics.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidings {
namespace {

struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  Count LoopMetrics::*count;
};

constexpr Row kRows[] = {
    {"tidings_connections", "gauge", "Connections that are open, streams included.", &LoopMetrics::connections},
    {"tidings_streams", "gauge", "Event streams that are open.", &LoopMetrics::streams},
    {"tidings_frames", "gauge", "Generator frames that are alive.", &LoopMetrics::frames},
    {"tidings_blocked_streams", "gauge", "Streams whose client has not taken what it was sent.", &LoopMetrics::blocked},
    {"tidings_requests_total", "counter", "Requests that were whole.", &LoopMetrics::requests},
    {"tidings_refused_requests_total", "counter", "Requests that the gateway refused.", &LoopMetrics::refused_requests},
    {"tidings_refused_streams_total", "counter",
     "Streams refused by a limit, by their generator or for what they asked.", &LoopMetrics::refused_streams},
    {"tidings_events_total", "counter", "Events sent on streams.", &LoopMetrics::events},
    {"tidings_stream_bytes_total", "counter", "Bytes of streams handed to the kernel.", &LoopMetrics::bytes},
    {"tidings_generator_failures_total", "counter", "Generators that ended by an exception.",
     &LoopMetrics::generator_failures},
    {"tidings_failures_total", "counter",
     "Handlers, hooks, content providers and posted work that ended by an exception.", &LoopMetrics::failures},
    {"tidings_slow_steps_total", "counter", "Times that a program's own code held up an event loop for 100 ms or more.",
     &LoopMetrics::slow_steps},
    {"tidings_replayed_events_total", "counter", "Events that were in a channel's log before their subscriber came.",
     &LoopMetrics::replayed},
    {"tidings_gaps_total", "counter", "Gap events sent: a client's place was no longer kept.", &LoopMetrics::gaps},
};

struct HistogramRow {
  std::string_view name;
  std::string_view help;
  Histogram LoopMetrics::*histogram;
};

constexpr HistogramRow kHistograms[] = {
    {"tidings_publish_lag_seconds", "From publish() to the socket, for each send of a channel's events.",
     &LoopMetrics::publish_lag},
    {"tidings_loop_lag_seconds", "From a timer's deadline to its firing, for each turn of a loop that fires any.",
     &LoopMetrics::loop_lag},
};

void append_head(std::string_view name, std::string_view type, std::string_view help, std::string& text) {
  text.append("# HELP ").append(name).append(" ").append(help);
  text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_row(std::string_view name, std::string_view type, std::string_view help, std::uint64_t value,
                std::string& text) {
  append_head(name, type, help, text);
  text.append(name).append(" ").append(std::to_string(value)).append("\n");
}

std::string decimal(double number) {
  char digits[64];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
  return {digits, end};
}

void append_ended_streams(const std::vector<const LoopMetrics*>& loops, std::string& text) {
  constexpr std::string_view kName = "tidings_ended_streams_total";
  append_head(kName, "counter", "Event streams that have ended, by what has ended them.", text);
  for (std::size_t reason = 0; reason < kEndReasonNames.size(); ++reason) {
    std::int64_t sum = 0;
    for (const LoopMetrics* loop : loops) sum += loop->ended(EndReason(reason)).value();
    text.append(kName).append("{reason=\"").append(kEndReasonNames[reason]).append("\"} ");
    text.append(std::to_string(sum)).append("\n");
  }
}

// Of two of those reasons, under a name that is older than they are.
void append_slow_disconnects(const std::vector<const LoopMetrics*>& loops, std::string& text) {
  std::int64_t sum = 0;
  for (const LoopMetrics* loop : loops) {
    sum += loop->ended(EndReason::kSlow).value() + loop->ended(EndReason::kFallenBehind).value();
  }
  append_row("tidings_slow_disconnects_total", "counter", "Streams ended because the client did not read.",
             static_cast<std::uint64_t>(sum), text);
}

void append_histogram(const HistogramRow& row, const std::vector<const LoopMetrics*>& loops, std::string& text) {
  append_head(row.name, "histogram", row.help, text);
  std::int64_t count = 0;
  double sum = 0;
  for (std::size_t bucket = 0; bucket <= Histogram::kBoundsSeconds.size(); ++bucket) {
    for (const LoopMetrics* loop : loops) count += (loop->*row.histogram).count(bucket);
    const bool is_last = bucket == Histogram::kBoundsSeconds.size();
    text.append(row.name).append("_bucket{le=\"");
    text.append(is_last ? "+Inf" : decimal(Histogram::kBoundsSeconds[bucket]));
    text.append("\"} ").append(std::to_string(count)).append("\n");
  }
  for (const LoopMetrics* loop : loops) sum += (loop->*row.histogram).sum_seconds();
  text.append(row.name).append("_sum ").append(decimal(sum)).append("\n");
  text.append(row.name).append("_count ").append(std::to_string(count)).append("\n");
}

}  // namespace

std::string prometheus_text(const std::vector<const LoopMetrics*>& loops, const Hub::Figures& hub) {
  std::string text;
  append_row("tidings_channels", "gauge", "Channels that were published to and not let go.", hub.channels, text);
  append_row("tidings_published_events_total", "counter", "Events published to channels.", hub.published, text);
  append_row("tidings_history_trouble", "gauge", "1 while what is published can't be kept.", hub.has_trouble, text);
  for (const Row& row : kRows) {
    std::int64_t sum = 0;
    for (const LoopMetrics* loop : loops) sum += (loop->*row.count).value();
    append_row(row.name, row.type, row.help, static_cast<std::uint64_t>(sum), text);
  }
  append_ended_streams(loops, text);
  append_slow_disconnects(loops, text);
  for (const HistogramRow& row : kHistograms) append_histogram(row, loops, text);
  return text;
}

}  // namespace tidings
