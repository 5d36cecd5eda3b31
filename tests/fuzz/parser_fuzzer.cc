// Any bytes in any chunks through the parser: it does what the standard says, whatever the cuts, within its bounds.
// An input is bytes and, after its last FF, chunk sizes (fuzz.h).
#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tidings/protocol/parser.h"
#include "tidings/protocol/utf8.h"
#include "tidings/tests/fuzz/fuzz.h"

namespace tidings::fuzz {
namespace {

using Status = Parser::Status;

struct Dispatched {
  std::string type, data, last_event_id;
  bool operator==(const Dispatched&) const = default;
};

struct Outcome {
  std::vector<Dispatched> events;
  std::string last_event_id;
  std::optional<std::chrono::milliseconds> reconnection_time;
  Status status = Status::kOk;
  bool operator==(const Outcome&) const = default;
};

constexpr const char* kEarlierId = "of an earlier connection";

class Subject {
 public:
  explicit Subject(Parser::Limits limits) : limits_(limits), parser_(limits, kEarlierId) {}

  void feed(std::string_view bytes) {
    const bool had_stopped = outcome_.status != Status::kOk;
    outcome_.status = parser_.feed(bytes, [&](const ParsedEvent& event) {
      expect(!had_stopped, "a parser that has stopped dispatches nothing");
      take(event);
    });
    expect(!had_stopped || outcome_.status != Status::kOk, "a parser that has stopped stays so");
  }

  Outcome outcome() {
    if (outcome_.status != Status::kOk) {
      const Status stopped = outcome_.status;
      feed("\n\nretry: 7\nid: later\ndata: later\n\n");
      expect(outcome_.status == stopped, "a parser that has stopped keeps saying why");
    }
    outcome_.last_event_id = parser_.last_event_id();
    outcome_.reconnection_time = parser_.reconnection_time();
    return outcome_;
  }

 private:
  void take(const ParsedEvent& event) {
    expect(!event.type.empty(), "a type is never empty");
    expect(is_valid_utf8(event.type) && is_valid_utf8(event.data) && is_valid_utf8(event.last_event_id),
           "events are valid UTF-8");
    expect(event.type.find_first_of("\r\n") == std::string_view::npos, "a type is one line");
    expect(event.data.find('\r') == std::string_view::npos, "line ends are LF");
    expect(event.last_event_id.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
           "an id is one line without NUL");
    expect(event.data.size() <= limits_.max_data_bytes, "data keeps its bound");
    expect(event.last_event_id == parser_.last_event_id(), "the event has the parser's last event ID");
    outcome_.events.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
  }

  Parser::Limits limits_;
  Parser parser_;
  Outcome outcome_;
};

// The standard's sections, as naively as they can be written: whole strings, one step after the other.
Outcome by_the_standard(std::string_view bytes, Parser::Limits limits) {
  Outcome outcome;
  outcome.last_event_id = kEarlierId;
  std::string type, data, id = kEarlierId;
  bool is_first = true;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find_first_of("\r\n");
    std::string_view line = bytes.substr(0, end);
    if (line.size() > limits.max_line_bytes) {
      outcome.status = Status::kLineTooLong;
      break;
    }
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + (bytes.substr(end).starts_with("\r\n") ? 2 : 1));
    if (is_first && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    is_first = false;
    if (line.empty()) {
      outcome.last_event_id = id;
      if (!data.empty()) {
        data.pop_back();
        outcome.events.push_back({type.empty() ? "message" : type, data, id});
      }
      type.clear();
      data.clear();
      continue;
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = line.substr(colon == std::string_view::npos ? line.size() : colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    std::string text;
    append_utf8(value, text);
    if (name == "event") {
      type = text;
    } else if (name == "data") {
      data += text + '\n';
      if (data.size() - 1 > limits.max_data_bytes) {
        outcome.status = Status::kDataTooLong;
        break;
      }
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
      id = text;
    } else if (name == "retry" && !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos) {
      std::int64_t number = 0;
      const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error == std::errc::result_out_of_range) number = std::numeric_limits<std::int64_t>::max();
      outcome.reconnection_time = std::chrono::milliseconds(number);
    }
  }
  return outcome;
}

void check(const Chunked& input, Parser::Limits limits) {
  Subject whole(limits), chunked(limits);
  whole.feed(input.bytes());
  input.for_each([&](std::string_view chunk) { chunked.feed(chunk); });
  const Outcome outcome = whole.outcome();
  expect(outcome == chunked.outcome(), "any cuts give the same");
  expect(outcome == by_the_standard(input.bytes(), limits), "the parser does what the standard says");
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tidings::fuzz::Chunked input(tidings::fuzz::as_text(data, size));
  tidings::fuzz::check(input, {});
  tidings::fuzz::check(input, {.max_line_bytes = 40, .max_data_bytes = 32});
  return 0;
}
