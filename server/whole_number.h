// A flag that is a whole number: what is none, or too small or too large, is refused with a sentence that says what
// would be right. Digits alone: 0x10 and 010 would be other numbers than they look like. Pure functions: any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <system_error>

namespace tidings {

struct Bounds {
  std::uint64_t least, most;
};

// Why it is no number within the bounds, empty where it is one.
inline std::string why_no_number(const std::string& text, Bounds bounds) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_plain = !text.empty() && (text.front() != '0' || text.size() == 1);
  const bool is_number = is_plain && error == std::errc() && end == text.data() + text.size();
  if (is_number && number >= bounds.least && number <= bounds.most) return {};
  return "must be a whole number from " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most) +
         ", not \"" + text + '"';
}

// The same as a command line's parser wants it, CLI::Validator(whole_number({0, 65535}), …).
inline std::function<std::string(std::string&)> whole_number(Bounds bounds) {
  return [bounds](const std::string& text) { return why_no_number(text, bounds); };
}

}  // namespace tidings
