// The least that is a server: greets each client once a second, for as long as it listens.
//
//   bazel run //examples:hello        then: curl -N http://localhost:9009/hello
#include <chrono>
#include <string>

#include "tidings/server/program.h"

using namespace std::chrono_literals;

tidings::EventStream hello(tidings::Request, tidings::Loop& loop) {
  tidings::Ticker ticker = loop.every(1s);
  for (int count = 1;; ++count) {
    co_await ticker.next();
    co_yield tidings::Event("hello " + std::to_string(count));
  }
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) { server.stream("/hello", hello); });
}
