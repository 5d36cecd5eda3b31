// A flag that is a whole number: what is none, or too small or too large, is refused with a sentence that says what
// would be right. Digits alone: 0x10 and 010 would be other numbers than they look like. Pure functions: any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

namespace tidings {

// What a flag's check() takes.
inline CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto why_not = [least, most](const std::string& text) -> std::string {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_plain = !text.empty() && (text.front() != '0' || text.size() == 1);
    const bool is_number = is_plain && error == std::errc() && end == text.data() + text.size();
    if (is_number && number >= least && number <= most) return {};
    return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not \"" + text +
           '"';
  };
  return {why_not, "in [" + std::to_string(least) + " - " + std::to_string(most) + "]"};
}

}  // namespace tidings
