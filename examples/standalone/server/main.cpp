// Serves the page, and what it follows.
#include <string>

#include "server/battery.h"
#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  return tidings::run_program(argc, argv, [&site](tidings::Server& server) {
    server.stream("/battery", standalone::battery);
    server.get("/*file", [&site](const tidings::Request& request) {
      const std::string& name = request.captures.at(0);
      return site.answer(name.empty() ? "index.html" : name, request);
    });
  });
}
