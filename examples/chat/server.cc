// A chat: what is said is published to an open channel, and whoever comes gets what was said before. The page is
// page.cc.
//
//   bazel run //examples/chat        then open the page, twice
//   curl -d "$(printf 'Ada\nHello')" http://localhost:9009/channels/chat
//
// The first line of an event is a name, which anybody may choose: examples/guests.cc has people sign in.
#include <chrono>
#include <string>

#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  tidings::ServerOptions options{.max_body_bytes = 4096};
  options.channels.channel.history = {.max_events = 200, .max_age = 24h};
  const auto configure = [&site](tidings::Server& server) {
    server.serve_channels({.open_channels = {"chat"}});
    server.get("/*file", [&site](const tidings::Request& request) {
      const std::string& name = request.captures.at(0);
      return site.answer(name.empty() ? "index.html" : name, request);
    });
  };
  return tidings::run_program(argc, argv, configure, options);
}
