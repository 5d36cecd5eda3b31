// Kind: A generator that outlives what it was given
// Mistake: `EventStream greet(std::string_view name, Loop&)`
// Says: take the parameter by value.
#include <string>
#include <string_view>

#include "tidings/server/server.h"

tidings::EventStream greet(std::string_view name, tidings::Loop&) { co_yield tidings::Event(std::string(name)); }
