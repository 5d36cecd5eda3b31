// What an access log has of an event stream: a function of the application is called when one opens, with what was
// asked, and the function that it returns is called when that stream has ended, with what became of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "tidings/server/http/request.h"
#include "tidings/server/loop/end_reason.h"

namespace tidings {

// A plain value.
struct StreamEnd {
  EndReason reason = EndReason::kClientLeft;
  std::chrono::milliseconds time{0};  // since it has opened
  std::uint64_t events = 0;  // handed to the kernel: `begin`, `gap` and what generators yield too, heartbeats not
  std::uint64_t bytes = 0;   // of the response, its head included, that the kernel has taken
};

// Both are called on the stream's loop, which they must not hold up, and for streams of several loops at a time. The
// first is called before anything is sent, and not for a request that is refused; what it returns, if that is not
// empty, is called once. What either throws is logged and counted, and the stream is not touched by it.
using OnStreamEnd = std::function<void(const StreamEnd&)>;
using OnStream = std::function<OnStreamEnd(const Request&)>;

}  // namespace tidings
