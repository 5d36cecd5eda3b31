// The clock: the time as an event stream, one event an interval for as long as the client listens.
#pragma once

#include "tidings/server/http/request.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

// `?interval_ms=` 10 to 3,600,000, by default 1000; anything else is refused with 400. An event's data is its tick's
// time and its id the tick's number, which is Unix time divided by the interval: it goes on across reconnects and
// restarts.
EventStream clock_stream(Request request, Loop& loop);

}  // namespace tidings
