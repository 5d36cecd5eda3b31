#include "protocol/encode.h"

#include <charconv>
#include <cstddef>

namespace tidings {
namespace {

// Appends `name: line` for each line of `text`. A line end at the very end opens one more, empty line.
void append_lines(std::string_view name, std::string_view text, std::string& out) {
  for (;;) {
    const std::size_t end = text.find_first_of("\r\n");
    out.append(name);
    if (end == std::string_view::npos) {
      out.append(text).push_back('\n');
      return;
    }
    out.append(text.substr(0, end)).push_back('\n');
    const bool crlf = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    text.remove_prefix(end + (crlf ? 2 : 1));
  }
}

void append_retry(std::chrono::milliseconds time, std::string& out) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, time.count() < 0 ? 0 : time.count());
  out.append("retry: ").append(digits, end).push_back('\n');
}

}  // namespace

void encode(const Event& event, std::string& out) {
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
