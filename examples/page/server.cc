// A page of one's own and what it follows: the clock, and a channel that whoever reaches it may publish to.
//
//   bazel run //examples/page [PORT]        then: curl -d "It rains" http://localhost:9009/channels/news
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tidings/server/clock/clock_stream.h"
#include "tidings/server/http/site.h"
#include "tidings/server/server.h"

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  tidings::ServerOptions options;
  if (argc > 1) options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  tidings::Server server(options);
  server.stream("/events", tidings::clock_stream);
  server.serve_channels({.open_channels = {"news"}});
  server.get("/*file", [&site](const tidings::Request& request) {
    const std::string& name = request.captures.at(0);
    return site.answer(name.empty() ? "index.html" : name, request);
  });
  server.listen();
  server.stop_on_signals();
  std::printf("The page is at %s (Ctrl+C stops it)\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
