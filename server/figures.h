// What a server has counted, as numbers, for a program that shows or checks some of it itself: Server::figures(). The
// same as text for a monitoring system is Server::metrics(). Each number is whole, but they are not all of one moment.
// Source of their names: metrics.cc. Plain values, one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/end_reason.h"
#include "tidings/server/loop/loop_metrics.h"

namespace tidings {

// How often something took how long.
struct TimeFigures {
  // Times of at most this, and longer than the bound before; behind the last bound are all that were longer.
  static constexpr auto kBoundsSeconds = Histogram::kBoundsSeconds;
  std::array<std::uint64_t, kBoundsSeconds.size() + 1> counts{};
  double sum_seconds = 0;

  std::uint64_t count() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }
};

struct Figures {
  bool is_ready = false;        // Server::is_ready()
  std::size_t max_streams = 0;  // that may be open, by the options and by what the process may have open
  // Now.
  std::uint64_t connections = 0;      // streams included
  std::uint64_t streams = 0;          // event streams
  std::uint64_t frames = 0;           // of generators
  std::uint64_t blocked_streams = 0;  // whose client has not taken what it was sent
  // In all.
  std::uint64_t requests = 0;            // that were whole
  std::uint64_t refused_requests = 0;    // by the gateway: malformed, too large or too slow
  std::uint64_t opened_streams = 0;      // that have begun
  std::uint64_t refused_streams = 0;     // by a limit, by their generator or for what they asked
  std::uint64_t events = 0;              // sent on streams
  std::uint64_t stream_bytes = 0;        // handed to the kernel
  std::uint64_t generator_failures = 0;  // generators that ended by an exception
  std::uint64_t failures = 0;            // handlers, hooks, content providers and posted work that did
  std::uint64_t slow_steps = 0;          // times that the program's own code held up a loop for 100 ms or more
  std::uint64_t replayed_events = 0;     // that were in a channel's log before their subscriber came
  std::uint64_t gaps = 0;                // gap events sent
  std::array<std::uint64_t, kEndReasonNames.size()> ended_streams{};  // by their EndReason: ended()
  TimeFigures publish_lag = {};  // from publish() to the socket, for each send of a channel's events
  TimeFigures loop_lag = {};     // from a timer's deadline to its firing, for each turn of a loop that fires any
  // Of channels: all of them, and each of some (Hub::Options::max_measured).
  Hub::Figures hub = {};
  std::vector<Hub::ChannelFigures> channels = {};

  std::uint64_t ended(EndReason reason) const { return ended_streams[static_cast<std::size_t>(reason)]; }
};

}  // namespace tidings
