// A client that comes back with a last event id, and leaves when it has what it has missed. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidings::bench {

// How long it takes from connecting until the event `last` has come, `events` after `after`. Throws std::runtime_error
// where others come than these, or not as many.
std::chrono::nanoseconds resume(std::uint16_t port, std::string_view channel, std::string_view after,
                                std::string_view last, std::size_t events = 1);

}  // namespace tidings::bench
