// Serves the pages to measure and the stream that they follow, on a free port. GET /events/N: from now on the stream is
// N events, all at once, and then ends, to be asked for again in an hour.
#include <atomic>
#include <cstdio>
#include <string>

#include "tidings/server/http/site.h"
#include "tidings/server/server.h"

namespace {

std::string stream(unsigned events) {
  std::string text = "retry: 3600000\n";
  for (unsigned number = 1; number <= events; ++number) {
    const std::string digits = std::to_string(number);
    text += "id: 0123456789ab-" + digits + "\ndata: The price is " + digits + "\n\n";
  }
  return text;
}

}  // namespace

int main() {
  using tidings::Answer;
  using tidings::Request;
  const tidings::Site site(tidings::site_files());
  std::atomic<unsigned> events = 1;
  tidings::Server server({.port = 0});
  server.get("/stream", [&events](const Request&) {
    return Answer{.content_type = "text/event-stream", .body = stream(events), .headers = {}};
  });
  server.get("/events/:count", [&events](const Request& request) {
    events = static_cast<unsigned>(std::stoul(request.captures.at(0)));
    return Answer{.body = request.captures.at(0)};
  });
  server.get("/*file", [&site](const Request& request) { return site.answer(request.captures.at(0), request); });
  server.listen();
  server.stop_on_signals();
  std::printf("The bench is at %s (Ctrl+C stops it)\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
