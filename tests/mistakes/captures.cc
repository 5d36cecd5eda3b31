// Kind: A generator that outlives what it was given
// Mistake: `server.stream("/greeting", [name](Request, Loop&) -> EventStream { co_yield Event(name); });`
// Says: A lambda is gone, and what it captures, before its generator goes on: write the generator as a named function,
// and let the lambda hand it what it needs.
#include <string>

#include "tidings/server/server.h"

void serve(tidings::Server& server, std::string name) {
  server.stream("/greeting",
                [name](tidings::Request, tidings::Loop&) -> tidings::EventStream { co_yield tidings::Event(name); });
}
