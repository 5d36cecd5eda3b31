#include "protocol/encode.h"

#include <charconv>

#include "protocol/line_scan.h"

namespace tidings {
namespace {

// Appends `name: line` for each line of `text`. A line end at the very end opens one more, empty line.
void append_lines(std::string_view name, std::string_view text, std::string& out) {
  for (;;) {
    const LineScan scan = scan_line(text);
    out.append(name).append(text.substr(0, scan.length)).push_back('\n');
    if (!scan.has_end) return;
    const std::string_view end = text.substr(scan.length);
    text.remove_prefix(scan.length + (end.starts_with("\r\n") ? 2 : 1));
  }
}

void append_retry(std::chrono::milliseconds time, std::string& out) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, time.count() < 0 ? 0 : time.count());
  out.append("retry: ").append(digits, end).push_back('\n');
}

}  // namespace

void encode(const Event& event, std::string& out) {
  if (event.comment()) append_lines(": ", *event.comment(), out);
  if (event.reconnection_time()) append_retry(*event.reconnection_time(), out);
  if (!event.type().empty()) out.append("event: ").append(event.type()).push_back('\n');
  if (event.id()) out.append("id: ").append(*event.id()).push_back('\n');
  append_lines("data: ", event.data(), out);
  out.push_back('\n');
}

void encode_comment(std::string_view text, std::string& out) {
  append_lines(text.empty() ? ":" : ": ", text, out);
  out.push_back('\n');
}

void encode_reconnection_time(std::chrono::milliseconds time, std::string& out) {
  append_retry(time, out);
  out.push_back('\n');
}

}  // namespace tidings
