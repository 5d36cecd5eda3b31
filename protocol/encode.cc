#include "tidings/protocol/encode.h"

#include <charconv>
#include <optional>

#include "tidings/protocol/line_scan.h"

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

EventLines encode_event(const Event& event, std::optional<std::string_view> id, std::string& out) {
  const std::size_t begin = out.size();
  EventLines lines;
  if (event.comment()) encode_comment(*event.comment(), out);
  if (event.reconnection_time()) encode_reconnection_time(*event.reconnection_time(), out);
  lines.type = out.size() - begin;
  if (!event.type().empty()) out.append("event: ").append(event.type()).push_back('\n');
  lines.data = out.size() - begin;
  append_lines("data: ", event.data(), out);
  lines.id = out.size() - begin;
  if (id) out.append("id: ").append(*id).push_back('\n');
  out.push_back('\n');
  return lines;
}

}  // namespace

EventLines encode(const Event& event, std::string& out) { return encode_event(event, event.id(), out); }

EventLines encode_with_id(const Event& event, std::string_view id, std::string& out) {
  return encode_event(event, id, out);
}

void encode_without_id(const Event& event, std::string& out) {
  encode_event(event, std::nullopt, out);
  out.pop_back();
}

EventLines lines_without_id(std::string_view block) {
  EventLines lines{.id = block.size()};
  while (block.substr(lines.type).starts_with(':') || block.substr(lines.type).starts_with("retry: ")) {
    lines.type = block.find('\n', lines.type) + 1;
  }
  lines.data = lines.type;
  if (block.substr(lines.type).starts_with("event: ")) lines.data = block.find('\n', lines.type) + 1;
  return lines;
}

void encode_comment(std::string_view text, std::string& out) { append_lines(text.empty() ? ":" : ": ", text, out); }

void encode_reconnection_time(std::chrono::milliseconds time, std::string& out) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, time.count() < 0 ? 0 : time.count());
  out.append("retry: ").append(digits, end).push_back('\n');
}

}  // namespace tidings
