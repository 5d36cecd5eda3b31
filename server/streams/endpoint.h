// What makes event streams at a path: a program gives these to its server.
#pragma once

#include <functional>

#include "tidings/server/http/request.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

// Makes the generator of one client. Called and run on the client's loop, which it gets.
using Endpoint = std::function<EventStream(Request, Loop&)>;

}  // namespace tidings
