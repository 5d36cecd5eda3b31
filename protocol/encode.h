// Events into the bytes of an event stream.
// Source: WHATWG HTML, "Server-sent events", section "Parsing an event stream". The other direction is parser.h.
// Pure functions: any thread. They append to the caller's buffer and allocate nothing beyond its growth.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/protocol/event.h"

namespace tidings {

// Where the lines of an encoded event begin, counted from its first byte. Its comment and its reconnection time, where
// it has them, stand before all of these.
struct EventLines {
  std::size_t type = 0;  // the `event` line, where it has a type
  std::size_t data = 0;  // the `data` lines
  std::size_t id = 0;    // the `id` line, where it has an id, else the blank line
};

// Appends the event's block, its blank line included. CRLF, CR and LF in the data each end a line there, so that
// parse(encode(event)) is the event with every line end as LF. The id is the last line: some clients store an id as
// soon as its line has come, so what is cut off behind that line is lost to them.
EventLines encode(const Event& event, std::string& out);

// The same with this id in place of the event's own. It must be what FieldValue::is_valid() allows.
EventLines encode_with_id(const Event& event, std::string_view id, std::string& out);

// Appends the event's lines without an id and without the blank line, so that both can be added later.
void encode_without_id(const Event& event, std::string& out);

// Where the lines begin in what encode_without_id() has made, the `id` line that is added behind it included.
EventLines lines_without_id(std::string_view block);

// Appends a comment, which clients drop: a line for each line of `text`. It has no blank line of its own, since some
// clients take each blank line for an event: it belongs to the block of what comes next.
void encode_comment(std::string_view text, std::string& out);

// Appends the line that sets the client's reconnection time, in milliseconds; below zero counts as zero. It counts as
// soon as it has come, so it has no blank line of its own either.
void encode_reconnection_time(std::chrono::milliseconds time, std::string& out);

}  // namespace tidings
