#include "tidings/server/metrics.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tidings/server/exposition.h"

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
    {"tidings_opened_streams_total", "counter", "Event streams that have begun.", &LoopMetrics::opened_streams},
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

void append_row(std::string_view name, std::string_view type, std::string_view help, std::uint64_t value,
                Exposition& text) {
  text.begin(name, type, help);
  text.add(value);
}

void append_ended_streams(const std::vector<const LoopMetrics*>& loops, Exposition& text) {
  text.begin("tidings_ended_streams_total", "counter", "Event streams that have ended, by what has ended them.");
  for (std::size_t reason = 0; reason < kEndReasonNames.size(); ++reason) {
    std::int64_t sum = 0;
    for (const LoopMetrics* loop : loops) sum += loop->ended(EndReason(reason)).value();
    text.add(static_cast<std::uint64_t>(sum), {{"reason", kEndReasonNames[reason]}});
  }
}

// Of two of those reasons, under a name that is older than they are.
void append_slow_disconnects(const std::vector<const LoopMetrics*>& loops, Exposition& text) {
  std::int64_t sum = 0;
  for (const LoopMetrics* loop : loops) {
    sum += loop->ended(EndReason::kSlow).value() + loop->ended(EndReason::kFallenBehind).value();
  }
  append_row("tidings_slow_disconnects_total", "counter", "Streams ended because the client did not read.",
             static_cast<std::uint64_t>(sum), text);
}

void append_histogram(const HistogramRow& row, const std::vector<const LoopMetrics*>& loops, Exposition& text) {
  text.begin(row.name, "histogram", row.help);
  std::int64_t count = 0;
  double sum = 0;
  for (std::size_t bucket = 0; bucket <= Histogram::kBoundsSeconds.size(); ++bucket) {
    for (const LoopMetrics* loop : loops) count += (loop->*row.histogram).count(bucket);
    const bool is_last = bucket == Histogram::kBoundsSeconds.size();
    const std::string bound = is_last ? "+Inf" : decimal(Histogram::kBoundsSeconds[bucket]);
    text.add(static_cast<std::uint64_t>(count), {{"le", bound}}, "_bucket");
  }
  for (const LoopMetrics* loop : loops) sum += (loop->*row.histogram).sum_seconds();
  text.add_real(sum, {}, "_sum");
  text.add(static_cast<std::uint64_t>(count), {}, "_count");
}

struct ChannelRow {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::uint64_t Channel::Figures::*figure;
};

constexpr ChannelRow kChannelRows[] = {
    {"tidings_channel_subscribers", "gauge", "Streams and subscriptions that follow the channel.",
     &Channel::Figures::subscribers},
    {"tidings_channel_published_events_total", "counter", "Events published to the channel.",
     &Channel::Figures::published},
    {"tidings_channel_kept_events", "gauge", "Events that the channel keeps, in memory or in its history.",
     &Channel::Figures::kept},
    {"tidings_channel_memory_bytes", "gauge", "Bytes of the channel's events that are in memory.",
     &Channel::Figures::bytes},
};

void append_channels(const std::vector<Hub::ChannelFigures>& channels, Exposition& text) {
  if (channels.empty()) return;
  for (const ChannelRow& row : kChannelRows) {
    text.begin(row.name, row.type, row.help);
    for (const Hub::ChannelFigures& each : channels) text.add(each.figures.*row.figure, {{"channel", each.name}});
  }
}

}  // namespace

std::string prometheus_text(const std::vector<const LoopMetrics*>& loops, const ServerFigures& server) {
  Exposition text;
  append_row("tidings_ready", "gauge", "1 from the start until the server begins to stop.", server.is_ready, text);
  append_row("tidings_max_streams", "gauge", "Event streams that may be open.", server.max_streams, text);
  append_row("tidings_channels", "gauge", "Channels that were published to and not let go.", server.hub.channels, text);
  append_row("tidings_published_events_total", "counter", "Events published to channels.", server.hub.published, text);
  append_row("tidings_history_trouble", "gauge", "1 while what is published can't be kept.", server.hub.has_trouble,
             text);
  for (const Row& row : kRows) {
    std::int64_t sum = 0;
    for (const LoopMetrics* loop : loops) sum += (loop->*row.count).value();
    append_row(row.name, row.type, row.help, static_cast<std::uint64_t>(sum), text);
  }
  append_ended_streams(loops, text);
  append_slow_disconnects(loops, text);
  for (const HistogramRow& row : kHistograms) append_histogram(row, loops, text);
  append_channels(server.channels, text);
  return text.text();
}

}  // namespace tidings
