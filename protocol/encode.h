// Events into the bytes of an event stream.
// Source: WHATWG HTML, "Server-sent events", section "Parsing an event stream". The other direction is parser.h.
// Pure functions: any thread. They append to the caller's buffer and allocate nothing beyond its growth.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "protocol/event.h"

namespace tidings {

// Appends the event's block, its blank line included. CRLF, CR and LF in the data each end a line there, so that
// parse(encode(event)) is the event with every line end as LF.
void encode(const Event& event, std::string& out);

// Appends a comment: one line a line of `text`, then a blank line, so that whatever was held back on the way is
// flushed. Clients drop it.
void encode_comment(std::string_view text, std::string& out);

// Appends a block that sets the client's reconnection time and dispatches nothing.
void encode_reconnection_time(std::chrono::milliseconds time, std::string& out);

}  // namespace tidings
