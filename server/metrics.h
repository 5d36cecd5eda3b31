// What a server has counted, from what its loops count; and as text for a monitoring system.
// Source: Prometheus, "Exposition formats", section "Text-based format". Any thread.
#pragma once

#include <string>
#include <vector>

#include "tidings/server/figures.h"
#include "tidings/server/loop/loop_metrics.h"

namespace tidings {

inline constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// The figures that loops count: the sums over all of them.
Figures sum_of(const std::vector<const LoopMetrics*>& loops);

// The metrics of a channel have its name as a label.
std::string prometheus_text(const Figures& figures);

}  // namespace tidings
