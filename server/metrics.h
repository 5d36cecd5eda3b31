// What the loops and the hub count, as text for a monitoring system.
// Source: Prometheus, "Exposition formats", section "Text-based format". Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/loop_metrics.h"

namespace tidings {

inline constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// What is no loop's.
struct ServerFigures {
  Hub::Figures hub = {};
  std::vector<Hub::ChannelFigures> channels = {};  // those that have series of their own
  std::size_t max_streams = 0;
  bool is_ready = false;
};

// Each metric is the sum over all loops, but for those of a channel, whose name is their label.
std::string prometheus_text(const std::vector<const LoopMetrics*>& loops, const ServerFigures& server);

}  // namespace tidings
