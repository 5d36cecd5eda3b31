// The bytes of an event stream into events, in chunks of any size.
// Source: WHATWG HTML, "Server-sent events", sections "Parsing an event stream" and "Interpreting an event stream".
// Not a client: it opens nothing and never reconnects. Time is linear in the bytes and memory bounded by Limits.
// No exceptions. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

// An event as a client dispatches it: valid UTF-8, line ends as LF. The views live until the callback returns.
struct ParsedEvent {
  std::string_view type;  // never empty: `message` by default
  std::string_view data;
  std::string_view last_event_id;
};

class Parser {
 public:
  struct Limits {
    // By default as long as the longest line of our server with its default options: 1 MiB of data behind `data: `.
    std::size_t max_line_bytes = (std::size_t{1} << 20) + 64;
    std::size_t max_data_bytes = std::size_t{4} << 20;  // of one event, the line ends between its lines included
  };
  enum class Status { kOk, kLineTooLong, kDataTooLong };

  // `last_event_id` is the last event ID that an earlier connection has left; events without an id keep it.
  explicit Parser(Limits limits, std::string last_event_id = {});
  Parser() : Parser(Limits{}) {}

  // Takes the next bytes and calls on_event(const ParsedEvent&) for each event that they complete, in order. The
  // callback must not feed the parser. Anything but kOk is final: the parser takes no more and keeps saying so. End
  // of file needs no call: what is unfinished was never an event.
  template <class OnEvent>
  Status feed(std::string_view bytes, OnEvent&& on_event) {
    while (next_event(bytes)) on_event(dispatched());
    return status_;
  }

  // The same for whoever may stop between two events: takes bytes from the front up to the end of the next event. Empty
  // when they ran out first, or at a limit. The event's views live until the next call, if `bytes` do.
  std::optional<ParsedEvent> take(std::string_view& bytes) {
    if (!next_event(bytes)) return std::nullopt;
    return dispatched();
  }
  Status status() const { return status_; }

  // The last event ID string, as a reconnecting client sends it. Valid until the next feed().
  std::string_view last_event_id() const { return last_event_id_; }
  // The latest reconnection time that the stream has set; it counts from its line, not from a dispatch.
  std::optional<std::chrono::milliseconds> reconnection_time() const { return reconnection_time_; }

 private:
  // Takes lines from the front of `bytes` until one dispatches an event. False when they ran out first.
  bool next_event(std::string_view& bytes);
  // Interprets a whole line; true when it dispatches. `is_stable`: it may be viewed until the end of the feed.
  bool take_line(std::string_view line, bool is_ascii, bool is_stable);
  bool take_blank_line();
  void take_data(std::string_view value, bool is_ascii, bool is_stable);
  void take_reconnection_time(std::string_view digits);
  void keep_data();
  ParsedEvent dispatched() const;

  Limits limits_;
  Status status_ = Status::kOk;
  bool at_start_ = true;         // the next line is the stream's first, which may open with a BOM
  bool skip_line_feed_ = false;  // the last line ended with CR: an LF that follows belongs to it
  bool has_data_ = false;        // the event has a data field
  bool is_dispatched_ = false;   // the event is with the callback; the next one begins from nothing
  bool has_new_id_ = false;      // id_buffer_ becomes the last event ID with the next blank line
  bool is_ascii_ = true;         // what has come of the current line
  std::string held_;             // the beginning of a line whose end has not arrived
  // The event's data: of the only line so far, which the feed's bytes hold, or else of all lines, joined with LF.
  std::string_view data_view_;
  std::string data_buffer_;
  std::string type_buffer_, id_buffer_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> reconnection_time_;
};

}  // namespace tidings
