// Everything that an event may have.
//
//   bazel run //examples:events        then: curl -N "http://localhost:9009/events?type=alarm"
#include <chrono>
#include <string>
#include <utility>

#include "tidings/server/program.h"

using namespace std::chrono_literals;

tidings::EventStream events(std::string type, tidings::Loop& loop) {
  co_yield tidings::Event("of the default type, message");
  co_yield tidings::Event("two\nlines");
  co_yield tidings::Event("temperature", "21.5");
  co_yield tidings::Event("with an id").with_id(1);
  co_yield tidings::Event("and with a text as its id").with_id("robot-7");
  // A type or an id that is made while the program runs has to be checked: in either, a line end would be another
  // field.
  if (auto checked = tidings::FieldValue::from(std::move(type))) {
    co_yield tidings::Event(*checked, "of a type that was asked for");
  }
  co_await loop.sleep(10ms);
  co_yield tidings::Event("after which to come back in 10 seconds")
      .with_reconnection_time(10s)
      .with_comment("for people");
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) {
    server.stream("/events", [](const tidings::Request& request, tidings::Loop& loop) {
      return events(std::string(request.parameter("type").value_or("")), loop);
    });
  });
}
