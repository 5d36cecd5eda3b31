// Serves the pages to measure and the streams that they follow, on a free port: /stream has texts, /poses has structs.
// GET /events/N: from now on a stream is N events, all at once, and then ends, to be asked for again in an hour.
#include <atomic>
#include <cmath>
#include <cstdio>
#include <string>

#include "tidings/bench/page/pose.h"
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

// Of a robot that goes in a circle: numbers of as many digits as a double has.
std::string poses(unsigned events) {
  std::string text = "retry: 3600000\n";
  for (unsigned number = 1; number <= events; ++number) {
    const double angle = 0.01 * number;
    const tidings::bench::Pose pose{
        5 * std::cos(angle),     5 * std::sin(angle), 0.25, 0, 0.1 * std::sin(7 * angle), angle, number,
        "map of the third floor"};
    text += "id: 0123456789ab-" + std::to_string(number) + "\nevent: pose\ndata: ";
    text.append(tidings::typed(pose).data()).append("\n\n");
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
  server.get("/poses", [&events](const Request&) {
    return Answer{.content_type = "text/event-stream", .body = poses(events), .headers = {}};
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
