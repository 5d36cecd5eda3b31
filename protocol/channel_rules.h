// What channels and their events may be called and may hold: one rule for HTTP, for C++ and for whoever writes another
// end. Pure functions: any thread.
#pragma once

#include <string_view>

#include "tidings/protocol/event.h"

namespace tidings {

// What a channel or an event type may be called: 1 to 128 of A-Z a-z 0-9 . _ ~ -
bool is_channel_name(std::string_view name);

// The types of the server's own events, and those that EventSource's own listeners would take for something else.
bool is_reserved_type(std::string_view type);

// Why no channel takes this event, in a sentence that says what would be right; empty when a channel takes it.
std::string_view reason_not_to_publish(const Event& event);

}  // namespace tidings
