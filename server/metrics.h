// What the loops and the hub count, as text for a monitoring system.
// Source: Prometheus, "Exposition formats", section "Text-based format". Any thread.
#pragma once

#include <string>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/loop_metrics.h"

namespace tidings {

inline constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// Each metric is the sum over all loops.
std::string prometheus_text(const std::vector<const LoopMetrics*>& loops, const Hub::Figures& hub);

}  // namespace tidings
