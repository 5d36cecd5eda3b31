// The time as HTTP writes it, `Wed, 25 Nov 2026 02:23:20 GMT`. Source: RFC 9110, "Date/Time Formats" (IMF-fixdate).
#pragma once

#include <chrono>
#include <string>

namespace tidings {

// `time` is in the years 0 to 9999. Any thread.
std::string http_date(std::chrono::sys_seconds time);

}  // namespace tidings
