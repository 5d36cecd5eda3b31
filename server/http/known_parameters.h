// What a route of ours takes in its query, so that a parameter that means nothing is told and not passed over: an event
// that was published with `?type=alarm` would reach everybody without its type. Routes of the user's are theirs to
// check. Source: README.md, section "What the server answers". Pure functions: any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/http/request.h"

namespace tidings {

struct KnownParameter {
  std::string_view form;  // such as event=TYPE
  bool may_repeat = false;
};

// Names of further ones, which are let through and not looked at.
using OtherParameters = std::vector<std::string>;

// Throws a Refusal (400) that names those that there are where the request has another parameter, or has one twice that
// may not be repeated.
void require_known_parameters(const Request& request, std::initializer_list<KnownParameter> known,
                              const OtherParameters& others = {});

// The same for an event stream, which takes what every stream does as well: `heartbeat`, `lastEventId` and
// `last_event_id`. Two more are let through, which clients add by themselves: `datastar`, with the signals of
// Datastar's page, and `_`, by which jQuery and others get past caches.
void require_known_stream_parameters(const Request& request, std::initializer_list<KnownParameter> known = {},
                                     const OtherParameters& others = {});

}  // namespace tidings
