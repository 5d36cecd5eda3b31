// A page of one's own and what it follows: the clock, and a channel that whoever reaches it may publish to.
//
//   bazel run //examples/page        then: curl -d "It rains" http://localhost:9009/channels/news
#include <string>

#include "tidings/server/clock/clock_stream.h"
#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  return tidings::run_program(argc, argv, [&site](tidings::Server& server) {
    server.stream("/events", tidings::clock_stream);
    server.serve_channels({.open_channels = {"news"}});
    server.get("/*file", [&site](const tidings::Request& request) {
      const std::string& name = request.captures.at(0);
      return site.answer(name.empty() ? "index.html" : name, request);
    });
  });
}
