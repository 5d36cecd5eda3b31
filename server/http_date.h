// The time as HTTP writes it, `Wed, 25 Nov 2026 02:23:20 GMT`. Source: RFC 9110, "Date/Time Formats" (IMF-fixdate).
#pragma once

#include <chrono>
#include <string>

#include "server/clock.h"

namespace tidings {

// Of the years 0 to 9999. Any thread.
std::string to_http_date(std::chrono::sys_seconds time);

// For the Date field of responses: made anew once a second. One thread.
class HttpDate {
 public:
  explicit HttpDate(const Clock& clock) : clock_(clock) {}
  const std::string& now();

 private:
  const Clock& clock_;
  std::chrono::sys_seconds time_{};
  std::string text_;
};

}  // namespace tidings
