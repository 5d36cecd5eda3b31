// A time as ISO 8601 text in UTC with milliseconds: 2026-11-23T06:40:12.000Z. Source: RFC 3339. Any thread.
#pragma once

#include <chrono>
#include <string>

namespace tidings {

// `time` is in the years 0 to 9999.
std::string to_iso8601(std::chrono::sys_time<std::chrono::milliseconds> time);

}  // namespace tidings
