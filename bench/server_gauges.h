// What the server says it holds: the gauges of its /metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/page_client.h"

namespace tidings::bench {

struct ServerGauges {
  std::int64_t connections = 0;  // the asking one included
  std::int64_t streams = 0;
  std::int64_t frames = 0;

  bool operator==(const ServerGauges&) const = default;
};

// One figure of its /metrics. Throws std::runtime_error where there is none of that name.
std::int64_t gauge_of(PageClient& client, const std::string& name);

// Throws std::runtime_error.
ServerGauges gauges_of(PageClient& client);

// Asks until they are `wanted`, for at most `time`; returns the last answer.
ServerGauges wait_for_gauges(PageClient& client, const ServerGauges& wanted, std::chrono::milliseconds time);

}  // namespace tidings::bench
