#include "greeting.h"

#include <chrono>
#include <string>

using namespace std::chrono_literals;

tidings::EventStream greeting(tidings::Request request, tidings::Loop& loop) {
  const std::string& name = request.captures.at(0);
  if (name.empty()) throw tidings::Refusal(404, "Say whom to greet, as in /greeting/Ada.");
  for (tidings::Ticker ticker = loop.every(1s);;) {
    co_yield tidings::Event("Hello, " + name + '!');
    co_await ticker.next();
  }
}
