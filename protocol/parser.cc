#include "protocol/parser.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "protocol/utf8.h"

namespace tidings {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The first CR or LF, or npos.
std::size_t find_line_end(std::string_view bytes) {
  const void* line_feed = std::memchr(bytes.data(), '\n', bytes.size());
  const std::size_t before =
      line_feed ? static_cast<std::size_t>(static_cast<const char*>(line_feed) - bytes.data()) : bytes.size();
  const void* carriage_return = std::memchr(bytes.data(), '\r', before);
  if (carriage_return) return static_cast<std::size_t>(static_cast<const char*>(carriage_return) - bytes.data());
  return line_feed ? before : std::string_view::npos;
}

}  // namespace

Parser::Parser(Limits limits, std::string last_event_id)
    : limits_(limits), id_buffer_(last_event_id), last_event_id_(std::move(last_event_id)) {}

bool Parser::next_line(std::string_view& bytes) {
  if (line_is_held_) {
    held_.clear();
    line_is_held_ = false;
  }
  if (bytes.empty()) return false;
  if (skip_line_feed_) {
    skip_line_feed_ = false;
    if (bytes.front() == '\n') bytes.remove_prefix(1);
    if (bytes.empty()) return false;
  }
  const std::size_t end = find_line_end(bytes);
  const std::size_t length = end == std::string_view::npos ? bytes.size() : end;
  if (held_.size() + length > limits_.max_line_bytes) {
    status_ = Status::kLineTooLong;
    return false;
  }
  if (end == std::string_view::npos) {
    held_.append(bytes);
    bytes = {};
    return false;
  }
  if (held_.empty()) {
    line_ = bytes.substr(0, end);
  } else {
    held_.append(bytes.substr(0, end));
    line_ = held_;
    line_is_held_ = true;
  }
  skip_line_feed_ = bytes[end] == '\r';
  bytes.remove_prefix(end + 1);
  return true;
}

bool Parser::take_line() {
  std::string_view line = line_;
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) return take_blank_line();
  const std::size_t colon = line.find(':');
  if (colon == 0) return false;  // a comment
  if (colon == std::string_view::npos) {
    take_field(line, {});
    return false;
  }
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
  return false;
}

bool Parser::take_blank_line() {
  last_event_id_ = id_buffer_;
  if (data_buffer_.empty()) {
    type_buffer_.clear();
    return false;
  }
  data_buffer_.pop_back();  // the LF that its last line added
  data_.swap(data_buffer_);
  type_.swap(type_buffer_);
  data_buffer_.clear();
  type_buffer_.clear();
  return true;
}

void Parser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    append_utf8(value, data_buffer_);
    data_buffer_.push_back('\n');
    if (data_buffer_.size() > limits_.max_data_bytes) status_ = Status::kDataTooLong;
  } else if (name == "event") {
    type_buffer_.clear();
    append_utf8(value, type_buffer_);
  } else if (name == "id") {
    if (value.find('\0') != std::string_view::npos) return;
    id_buffer_.clear();
    append_utf8(value, id_buffer_);
  } else if (name == "retry") {
    take_reconnection_time(value);
  }
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
  return {.type = type_.empty() ? std::string_view("message") : std::string_view(type_),
          .data = data_,
          .last_event_id = last_event_id_};
}

}  // namespace tidings
