// What the server tells the page, on both sides of the wire. This tree's own, and not tidings/protocol/event.h.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace standalone {

inline std::string to_data(int percent) { return std::to_string(percent) + " %"; }

inline bool is_low(std::string_view data) {
  int percent = 0;
  std::from_chars(data.data(), data.data() + data.size(), percent);
  return percent < 20;
}

}  // namespace standalone
