// The clock: the time as an event stream, one event for each interval as long as the client listens. Loop thread only.
// Source: RFC 3339, section "Internet Date/Time Format", for the data.
#pragma once

#include "tidings/server/http/request.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"

namespace tidings {

// `?interval_ms=` is 10 to 3,600,000, by default 1000; anything else, and a parameter that is none of a stream's,
// throws a Refusal (400). The events have the default type. An event's data is its tick's time in UTC, such as
// 2026-11-23T06:40:12.000Z, and its id is the tick's number: Unix time divided by the interval, so it goes on across
// reconnections and restarts.
EventStream clock_stream(Request request, Loop& loop);

}  // namespace tidings
