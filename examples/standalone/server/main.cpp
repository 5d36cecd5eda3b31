// Serves the page, and what it follows.
#include <cstdio>
#include <string>

#include "server/battery.h"
#include "tidings/server/http/site.h"
#include "tidings/server/server.h"

int main() {
  const tidings::Site site(tidings::site_files());
  tidings::Server server;
  server.stream("/battery", standalone::battery);
  server.get("/*file", [&site](const tidings::Request& request) {
    const std::string& name = request.captures.at(0);
    return site.answer(name.empty() ? "index.html" : name, request);
  });
  server.listen();
  server.stop_on_signals();
  std::fprintf(stderr, "The page is at %s\n", server.url().c_str());
  server.run();
}
