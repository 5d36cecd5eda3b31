// Events through encode() and the parser: what comes out is what went in, with line ends as LF and malformed UTF-8 as
// U+FFFD. An input is a sequence of:
//   c TEXT FF     a comment
//   r DIGITS FF   a reconnection time; any other byte counts as a digit too, and the number wraps around
//   FLAGS … DATA FF   an event; bits of the byte FLAGS: 1 for TYPE FF before the data, 2 for ID FF, 4 for DIGITS FF, 8
//                 for COMMENT FF
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/protocol/encode.h"
#include "tidings/protocol/event.h"
#include "tidings/protocol/parser.h"
#include "tidings/protocol/utf8.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

using Time = std::optional<std::chrono::milliseconds>;

struct Dispatched {
  std::string type, data, last_event_id;
  Time reconnection_time;  // in force at that moment
  bool operator==(const Dispatched&) const = default;
};

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}

  bool is_at_end() const { return bytes_.empty(); }

  char byte() {
    if (bytes_.empty()) return 0;
    const char first = bytes_.front();
    bytes_.remove_prefix(1);
    return first;
  }

  std::string text() {
    const std::string_view text = bytes_.substr(0, bytes_.find('\xFF'));
    bytes_.remove_prefix(std::min(text.size() + 1, bytes_.size()));
    return std::string(text);
  }

  std::optional<FieldValue> field() {
    const std::string text = this->text();
    std::optional<FieldValue> value = FieldValue::from(text);
    expect(value.has_value() == (text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos),
           "a field's value is refused for CR, LF and NUL alone");
    return value;
  }

  std::chrono::milliseconds time() {
    std::uint64_t number = 0;
    for (const char c : text()) number = number * 10 + static_cast<std::uint64_t>(c - '0');
    return std::chrono::milliseconds(static_cast<std::int64_t>(number));
  }

 private:
  std::string_view bytes_;
};

std::string as_received(std::string_view sent) {
  std::string with_line_feeds;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const bool is_crlf = sent[i] == '\r' && i + 1 < sent.size() && sent[i + 1] == '\n';
    if (!is_crlf) with_line_feeds += sent[i] == '\r' ? '\n' : sent[i];
  }
  std::string out;
  append_utf8(with_line_feeds, out);
  return out;
}

// An event stream and what a client is to make of it.
class Sender {
 public:
  explicit Sender(Input input) {
    while (!input.is_at_end()) send_next(input);
  }

  const std::string& stream() const { return stream_; }
  const std::vector<Dispatched>& events() const { return events_; }
  const std::string& last_event_id() const { return last_event_id_; }
  Time reconnection_time() const { return reconnection_time_; }

 private:
  void send_next(Input& input) {
    const char kind = input.byte();
    if (kind == 'c') {
      encode_comment(input.text(), stream_);
    } else if (kind == 'r') {
      const std::chrono::milliseconds time = input.time();
      encode_reconnection_time(time, stream_);
      reconnection_time_ = std::max(time, time.zero());
    } else {
      send_event(kind, input);
    }
  }

  void send_event(char flags, Input& input) {
    const std::optional<FieldValue> type = flags & 1 ? input.field() : std::nullopt;
    const std::optional<FieldValue> id = flags & 2 ? input.field() : std::nullopt;
    const Time time = flags & 4 ? Time(input.time()) : std::nullopt;
    const std::optional<std::string> comment = flags & 8 ? std::optional(input.text()) : std::nullopt;
    const std::string data = input.text();
    Event event = type ? Event(*type, data) : Event(data);
    if (id) std::move(event).with_id(*id);
    if (time) std::move(event).with_reconnection_time(*time);
    if (comment) std::move(event).with_comment(*comment);
    encode(event, stream_);
    if (id) last_event_id_ = as_received(id->view());
    if (time) reconnection_time_ = std::max(*time, time->zero());
    events_.push_back({type && !type->view().empty() ? as_received(type->view()) : "message", as_received(data),
                       last_event_id_, reconnection_time_});
  }

  std::string stream_;
  std::vector<Dispatched> events_;
  std::string last_event_id_;
  Time reconnection_time_;
};

void check(std::string_view input) {
  const Sender sender{Input(input)};
  expect(sender.stream().find('\r') == std::string::npos, "the encoder ends lines with LF alone");
  expect(sender.stream().empty() || sender.stream().ends_with("\n"), "what is sent is whole lines");
  std::vector<Dispatched> events;
  Parser parser;
  const Parser::Status status = parser.feed(sender.stream(), [&](const ParsedEvent& event) {
    events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id),
                      parser.reconnection_time()});
  });
  expect(status == Parser::Status::kOk, "what was encoded keeps the bounds");
  expect(events == sender.events(), "the events that come out are those that went in");
  expect(parser.last_event_id() == sender.last_event_id(), "so is the last event ID");
  expect(parser.reconnection_time() == sender.reconnection_time(), "so is the reconnection time");
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidings::fuzz::check(tidings::fuzz::as_text(data, size));
  return 0;
}
