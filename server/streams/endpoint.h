// What makes the event streams at a path: a program gives these to its server. Source:
// docs/GENERATORS.md.
#pragma once

#include <functional>

#include "tidings/server/http/request.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

// Makes the generator of one client. It is called on the thread of the client's loop, which it gets, and the generator
// runs there: neither may block. A Refusal that it throws, or that the generator throws before its first suspension, is
// the client's answer; any other exception is a 500.
using Endpoint = std::function<EventStream(Request, Loop&)>;

}  // namespace tidings
