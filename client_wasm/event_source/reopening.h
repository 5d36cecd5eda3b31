// What browsers leave out of an EventSource, as options of one:
//   EventSource source("/events", Reopening{.after_refusal = true, .silent_after = 40s});
// The last event's id goes along as ?last_event_id=, since a new EventSource of the browser's has forgotten it; before
// the first event that is the id of the server's `begin`, behind a loss that of its `gap` (docs/EVENT_STREAM.md).
// Source: WHATWG HTML, "Server-sent events", section "Processing model", on when a browser fails the connection and
// never tries again; AWS Architecture Blog, "Exponential Backoff And Jitter", the full jitter. The page has one thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings {

struct Reopening {
  EventSource::Credentials credentials = EventSource::Credentials::kSameOrigin;

  // The id of the event after which to begin; empty: where the server begins by itself. Needs to live during the
  // construction alone. Where another tab has opened a shared stream already, this one begins after that event if the
  // tab still has it, else with a `gap` and what is new.
  std::string_view last_event_id = {};

  // Whether to try again where the browser gives up: after a status other than 200, or what is no event stream. With
  // such an answer (204) a server may also say that it wants no more of this client, so the default is not to.
  bool after_refusal = false;

  // How long to wait before attempt n: any time from 0 to first_wait * 2^n, at most to longest_wait, all as likely, so
  // that the clients of a server that comes back do not come all at once. Counted from the last time it was open.
  std::chrono::milliseconds first_wait{1000};
  std::chrono::milliseconds longest_wait{30'000};
  std::optional<unsigned> most_attempts = {};  // in a row without success, then it is closed; else without end

  // A connection is held to be dead when nothing has come for this long, and is made anew. The server is asked for
  // heartbeat events (?heartbeat=event), one after 15 s of silence, so 40 s miss two of them. Events of types that
  // nobody listens to are not seen and count as silence; a server that knows no heartbeat events needs a longer time.
  std::optional<std::chrono::milliseconds> silent_after = {};

  // How long an attempt may go without the server's answer before it is given up and another one is made. Of the
  // browser's own attempts that includes the wait that the server has asked it for, which pages are not told.
  std::chrono::milliseconds answer_within{30'000};

  // Whether to look when the page wakes up (wake.h): a wait ends at once, and a connection that has been silent for
  // silent_after is made anew, as is an attempt that has hung for answer_within. What came while the page slept has
  // 250 ms to show itself before that.
  bool checks_on_wake = true;
};

}  // namespace tidings
