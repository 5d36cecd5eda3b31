#include <chrono>
#include <string>

#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

tidings::EventStream values(tidings::Request, tidings::Loop& loop) {
  tidings::Ticker ticker = loop.every(std::chrono::milliseconds(100));
  for (;;) {
    const tidings::Tick tick = co_await ticker.next();
    co_yield tidings::Event(std::to_string(tick.number % 1000));
  }
}

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  return tidings::run_program(argc, argv, [&site](tidings::Server& server) {
    server.stream("/values", values);
    server.get("/", [&site](const tidings::Request& request) { return site.answer("index.html", request); });
  });
}
