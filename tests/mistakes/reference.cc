// Kind: A generator that outlives what it was given
// Mistake: `EventStream echo(const Request& request, Loop&)`
// Says: take the parameter by value.
#include <string>

#include "tidings/server/server.h"

tidings::EventStream echo(const tidings::Request& request, tidings::Loop&) { co_yield tidings::Event(request.path); }
