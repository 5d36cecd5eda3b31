#include "tidings/protocol/parser.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "tidings/protocol/line_scan.h"
#include "tidings/protocol/utf8.h"

namespace tidings {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kLineEnd = "\n";
constexpr std::size_t kLongestName = 5;  // of the fields that mean something: event, retry

void append_text(std::string_view value, bool is_ascii, std::string& out) {
  if (is_ascii) {
    out.append(value);
  } else {
    append_utf8(value, out);
  }
}

void assign_text(std::string_view value, bool is_ascii, std::string& out) {
  out.clear();
  append_text(value, is_ascii, out);
}

}  // namespace

Parser::Parser(Limits limits, std::string last_event_id)
    : limits_(limits), id_buffer_(last_event_id), last_event_id_(std::move(last_event_id)) {}

bool Parser::next_event(std::string_view& bytes) {
  if (std::exchange(is_dispatched_, false)) {
    has_data_ = false;
    data_view_ = {};
    data_buffer_.clear();
    type_buffer_.clear();
  }
  while (!bytes.empty() && status_ == Status::kOk) {
    if (std::exchange(skip_line_feed_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const LineScan scan = scan_line(bytes);
    if (held_.size() + scan.length > limits_.max_line_bytes) {
      status_ = Status::kLineTooLong;
      break;
    }
    const bool is_whole = held_.empty();
    is_ascii_ = scan.is_ascii && (is_whole || is_ascii_);
    if (!scan.has_end) {
      held_.append(bytes);
      bytes = {};
      break;
    }
    std::string_view line = bytes.substr(0, scan.length);
    if (!is_whole) line = held_.append(line);
    skip_line_feed_ = bytes[scan.length] == '\r';
    bytes.remove_prefix(scan.length + 1);
    const bool dispatches = take_line(line, is_ascii_, is_whole);
    held_.clear();
    if (dispatches) return is_dispatched_ = true;
  }
  keep_data();
  return false;
}

bool Parser::take_line(std::string_view line, bool is_ascii, bool is_stable) {
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) return take_blank_line();
  const std::size_t colon = line.substr(0, kLongestName + 1).find(':');
  const std::string_view name = line.substr(0, colon);  // where there is no colon the whole line, which may be no name
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    take_data(value, is_ascii, is_stable);
  } else if (name == "event") {
    assign_text(value, is_ascii, type_buffer_);
  } else if (name == "id") {
    if (value.find('\0') != std::string_view::npos) return false;
    assign_text(value, is_ascii, id_buffer_);
    has_new_id_ = true;
  } else if (name == "retry") {
    take_reconnection_time(value);
  }
  return false;  // a comment's name is empty
}

bool Parser::take_blank_line() {
  if (std::exchange(has_new_id_, false)) last_event_id_ = id_buffer_;
  if (!has_data_) type_buffer_.clear();
  return has_data_;
}

void Parser::take_data(std::string_view value, bool is_ascii, bool is_stable) {
  const bool is_first = !std::exchange(has_data_, true);
  if (is_first && is_stable && (is_ascii || is_valid_utf8(value))) {
    data_view_ = value;
  } else {
    if (!is_first) {
      keep_data();
      data_buffer_.append(kLineEnd);
    }
    append_text(value, is_ascii, data_buffer_);
  }
  if (data_view_.size() + data_buffer_.size() > limits_.max_data_bytes) status_ = Status::kDataTooLong;
}

// Moves the data's only line into the buffer: another follows, or the bytes that it views end.
void Parser::keep_data() {
  data_buffer_.append(data_view_);
  data_view_ = {};
}

void Parser::take_reconnection_time(std::string_view digits) {
  if (digits.empty()) return;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return;
    const std::int64_t digit = c - '0';
    number = number > (kMost - digit) / 10 ? kMost : number * 10 + digit;
  }
  reconnection_time_ = std::chrono::milliseconds(number);
}

ParsedEvent Parser::dispatched() const {
  return {.type = type_buffer_.empty() ? std::string_view("message") : std::string_view(type_buffer_),
          .data = data_buffer_.empty() ? data_view_ : std::string_view(data_buffer_),
          .last_event_id = last_event_id_};
}

}  // namespace tidings
