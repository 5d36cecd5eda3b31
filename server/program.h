// A whole program around a server: --host and --port, a sentence for what goes wrong, an end at Ctrl+C.
//
// from examples/hello.cc:
//   int main(int argc, char** argv) {
//     return tidings::run_program(argc, argv, [](tidings::Server& server) { server.stream("/hello", hello); });
//   }
//
// For examples and small programs; one with flags of its own does as main.cc does. Source: server.h.
#pragma once

#include <functional>

#include "tidings/server/server.h"
#include "tidings/server/server_options.h"

namespace tidings {

// Makes a server with these options and what the command line says, has it configured, prints its URL and serves until
// it is told to stop. Returns what main() should: 0; 1 when the server could not be made, configured or begun, and the
// sentence is on stderr; 2 for a command line that is wrong.
int run_program(int argc, char** argv, const std::function<void(Server&)>& configure, ServerOptions options = {});

}  // namespace tidings
