#include "tidings/server/metrics.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/exposition.h"

namespace tidings {
namespace {

struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  std::uint64_t Figures::*figure;
  Count LoopMetrics::*count;
};

constexpr Row kRows[] = {
    {"tidings_connections", "gauge", "Connections that are open, streams included.", &Figures::connections,
     &LoopMetrics::connections},
    {"tidings_streams", "gauge", "Event streams that are open.", &Figures::streams, &LoopMetrics::streams},
    {"tidings_opened_streams_total", "counter", "Event streams that have begun.", &Figures::opened_streams,
     &LoopMetrics::opened_streams},
    {"tidings_frames", "gauge", "Generator frames that are alive.", &Figures::frames, &LoopMetrics::frames},
    {"tidings_blocked_streams", "gauge", "Streams whose client has not taken what it was sent.",
     &Figures::blocked_streams, &LoopMetrics::blocked},
    {"tidings_requests_total", "counter", "Requests that were whole.", &Figures::requests, &LoopMetrics::requests},
    {"tidings_refused_requests_total", "counter", "Requests that the gateway refused.", &Figures::refused_requests,
     &LoopMetrics::refused_requests},
    {"tidings_refused_streams_total", "counter",
     "Streams refused by a limit, by their generator or for what they asked.", &Figures::refused_streams,
     &LoopMetrics::refused_streams},
    {"tidings_events_total", "counter", "Events sent on streams.", &Figures::events, &LoopMetrics::events},
    {"tidings_stream_bytes_total", "counter", "Bytes of streams handed to the kernel.", &Figures::stream_bytes,
     &LoopMetrics::bytes},
    {"tidings_generator_failures_total", "counter", "Generators that ended by an exception.",
     &Figures::generator_failures, &LoopMetrics::generator_failures},
    {"tidings_failures_total", "counter",
     "Handlers, hooks, content providers and posted work that ended by an exception.", &Figures::failures,
     &LoopMetrics::failures},
    {"tidings_slow_steps_total", "counter", "Times that a program's own code held up an event loop for 100 ms or more.",
     &Figures::slow_steps, &LoopMetrics::slow_steps},
    {"tidings_replayed_events_total", "counter", "Events that were in a channel's log before their subscriber came.",
     &Figures::replayed_events, &LoopMetrics::replayed},
    {"tidings_gaps_total", "counter", "Gap events sent: a client's place was no longer kept.", &Figures::gaps,
     &LoopMetrics::gaps},
};

struct HistogramRow {
  std::string_view name;
  std::string_view help;
  TimeFigures Figures::*times;
  Histogram LoopMetrics::*histogram;
};

constexpr HistogramRow kHistograms[] = {
    {"tidings_publish_lag_seconds", "From publish() to the socket, for each send of a channel's events.",
     &Figures::publish_lag, &LoopMetrics::publish_lag},
    {"tidings_loop_lag_seconds", "From a timer's deadline to its firing, for each turn of a loop that fires any.",
     &Figures::loop_lag, &LoopMetrics::loop_lag},
};

void append_row(std::string_view name, std::string_view type, std::string_view help, std::uint64_t value,
                Exposition& text) {
  text.begin(name, type, help);
  text.add(value);
}

void append_ended_streams(const Figures& figures, Exposition& text) {
  text.begin("tidings_ended_streams_total", "counter", "Event streams that have ended, by what has ended them.");
  for (std::size_t reason = 0; reason < kEndReasonNames.size(); ++reason) {
    text.add(figures.ended_streams[reason], {{"reason", kEndReasonNames[reason]}});
  }
}

// Of two of those reasons, under a name that is older than they are.
void append_slow_disconnects(const Figures& figures, Exposition& text) {
  append_row("tidings_slow_disconnects_total", "counter", "Streams ended because the client did not read.",
             figures.ended(EndReason::kSlow) + figures.ended(EndReason::kFallenBehind), text);
}

void append_histogram(const HistogramRow& row, const TimeFigures& times, Exposition& text) {
  text.begin(row.name, "histogram", row.help);
  std::uint64_t count = 0;
  for (std::size_t bucket = 0; bucket < times.counts.size(); ++bucket) {
    count += times.counts[bucket];
    const bool is_last = bucket == TimeFigures::kBoundsSeconds.size();
    const std::string bound = is_last ? "+Inf" : decimal(TimeFigures::kBoundsSeconds[bucket]);
    text.add(count, {{"le", bound}}, "_bucket");
  }
  text.add_real(times.sum_seconds, {}, "_sum");
  text.add(count, {}, "_count");
}

void add(const Histogram& from, TimeFigures& to) {
  for (std::size_t bucket = 0; bucket < to.counts.size(); ++bucket) {
    to.counts[bucket] += static_cast<std::uint64_t>(from.count(bucket));
  }
  to.sum_seconds += from.sum_seconds();
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

Figures sum_of(const std::vector<const LoopMetrics*>& loops) {
  Figures sum;
  for (const LoopMetrics* const loop : loops) {
    for (const Row& row : kRows) sum.*row.figure += static_cast<std::uint64_t>((loop->*row.count).value());
    for (std::size_t reason = 0; reason < sum.ended_streams.size(); ++reason) {
      sum.ended_streams[reason] += static_cast<std::uint64_t>(loop->ended(EndReason(reason)).value());
    }
    for (const HistogramRow& row : kHistograms) add(loop->*row.histogram, sum.*row.times);
  }
  return sum;
}

std::string prometheus_text(const Figures& figures) {
  Exposition text;
  append_row("tidings_ready", "gauge", "1 from the start until the server begins to stop.", figures.is_ready, text);
  append_row("tidings_max_streams", "gauge", "Event streams that may be open.", figures.max_streams, text);
  append_row("tidings_channels", "gauge", "Channels that were published to and not let go.", figures.hub.channels,
             text);
  append_row("tidings_published_events_total", "counter", "Events published to channels.", figures.hub.published, text);
  append_row("tidings_history_trouble", "gauge", "1 while what is published can't be kept.", figures.hub.has_trouble,
             text);
  for (const Row& row : kRows) append_row(row.name, row.type, row.help, figures.*row.figure, text);
  append_ended_streams(figures, text);
  append_slow_disconnects(figures, text);
  for (const HistogramRow& row : kHistograms) append_histogram(row, figures.*row.times, text);
  append_channels(figures.channels, text);
  return text.text();
}

}  // namespace tidings
