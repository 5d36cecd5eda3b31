// What channels and their events may be called and may hold: one rule for HTTP, for C++ and for whoever writes another
// end. Source: README.md, section "What the server answers". Pure functions: any thread.
#pragma once

#include <string_view>

#include "tidings/protocol/event.h"

namespace tidings {

// What a channel or an event type may be called: 1 to 128 of A-Z a-z 0-9 . _ ~ -
bool is_channel_name(std::string_view name);

// Whether nobody may publish events of this type: `begin`, `gap` and `heartbeat` are the server's own, and a page's
// EventSource fires `error` and `open` itself.
bool is_reserved_type(std::string_view type);

// Why no channel takes this event, in a sentence that says what would be right; empty when a channel takes it. Its type
// is none or a name as above that is not reserved; its data and its comment are UTF-8 of at most 256 MiB each.
std::string_view reason_not_to_publish(const Event& event);

}  // namespace tidings
