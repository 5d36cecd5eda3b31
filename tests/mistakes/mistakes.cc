// Makes the mistakes that are told when a program starts or runs, one after the other, and prints a line of JSON for
// each: what was done, where it is told, and what is said. docs/ERRORS.md is made of these lines.
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>

#include "tidings/server/history/sqlite_history.h"
#include "tidings/server/server.h"
#include "tidings/server/subscribers/subscription.h"
#include "tidings/tests/server/client.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr const char* kException = "an exception, when the program starts";
constexpr const char* kLog = "the log";
constexpr const char* kAnswer = "the answer to the request";

void print(const char* kind, const char* mistake, const char* told, const std::string& says) {
  const nlohmann::json line{{"kind", kind}, {"mistake", mistake}, {"told", told}, {"says", says}};
  std::printf("%s\n", line.dump().c_str());
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  if (const std::size_t at = text.find(part); at != text.npos) text.replace(at, part.size(), by);
  return text;
}

std::string exception_of(const std::function<void()>& mistake) {
  try {
    mistake();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// What the server logs of one request to /it, which this endpoint answers.
std::string log_of(const std::function<EventStream(ManualClock&, Loop&)>& endpoint) {
  std::ostringstream log;
  const auto usual = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(logger);
  {
    ManualClock* clock = nullptr;
    RunningServer running(
        [&](Server& server) { server.stream("/it", [&](Request, Loop& loop) { return endpoint(*clock, loop); }); },
        {.threads = 1});
    clock = &running.clock();
    Client client = running.open("/it");
    client.until("HTTP/1.1 ");
    client.until("\r\n\r\n");
    running.reaches("tidings_frames", 0);
    client.close();
    running.stop();
  }
  spdlog::set_default_logger(usual);
  std::string said = log.str();
  while (said.ends_with('\n')) said.pop_back();
  return replaced(said, "1000 ms", "N ms");
}

EventStream sleeps(ManualClock& clock) {
  clock.advance(1s);
  co_yield Event("late");
}

EventStream computes(ManualClock& clock, Loop& loop) {
  co_await loop.sleep(0ms);
  clock.advance(1s);
  co_yield Event("late");
}

EventStream says_nothing(Loop& loop) { co_await loop.sleep(0ms); }

EventStream refuses_late(Loop& loop) {
  co_await loop.sleep(0ms);
  throw Refusal(404, "There is no robot 7.");
}

EventStream prompt() { co_yield Event("prompt"); }

void blocking() {
  const char* kind = "A generator that blocks";
  print(kind, "`std::this_thread::sleep_for(1s)` before the first event", kLog,
        log_of([](ManualClock& clock, Loop&) { return sleeps(clock); }));
  print(kind, "a loop that computes for a second, between two `co_await`", kLog,
        log_of([](ManualClock& clock, Loop& loop) { return computes(clock, loop); }));
  print(kind, "a query of a database in the function that makes the generator", kLog,
        log_of([](ManualClock& clock, Loop&) {
          clock.advance(1s);
          return prompt();
        }));
}

void ends() {
  const char* kind = "A stream that ends otherwise than was meant";
  print(kind, "a generator that returns without an event: browsers come back, and run it again", kLog,
        log_of([](ManualClock&, Loop& loop) { return says_nothing(loop); }));
  print(kind, "`throw Refusal(404, …)` behind the first `co_await`", kLog,
        log_of([](ManualClock&, Loop& loop) { return refuses_late(loop); }));
  print(kind, "`return {};` in the function that makes the generator", kLog,
        log_of([](ManualClock&, Loop&) { return EventStream(); }));
}

void cannot_begin() {
  const char* kind = "A server that can't begin";
  Server taken({.port = 0});
  taken.listen();
  print(kind, "a port on which something listens already", kException,
        replaced(exception_of([&] { Server({.port = taken.port()}).listen(); }), std::to_string(taken.port()), "PORT"));
  print(kind, "`ServerOptions{.threads = 0}`", kException, exception_of([] { Server({.threads = 0}); }));
  print(kind, "a folder for the history that is not there", kException,
        exception_of([] { SqliteHistory({.data_dir = "/no/such/folder"}); }));
}

void order() {
  const char* kind = "Calls in the wrong order";
  Server server({.port = 0});
  print(kind, "`server.url()` before `listen()`", kException, exception_of([&] { server.url(); }));
  server.stop();
  server.run();
  print(kind, "`server.stream(…)` after `run()`, or while it runs", kException,
        exception_of([&] { server.stream("/it", [](Request, Loop&) { return prompt(); }); }));
  print(kind, "`server.run()` twice", kException, exception_of([&] { server.run(); }));
}

void channels() {
  const char* kind = "A channel that can't be, or takes no such event";
  Server server({.port = 0});
  print(kind, "`server.hub().channel(\"robot 7\")`", "an exception",
        exception_of([&] { server.hub().channel("robot 7"); }));
  print(kind, "`channel->publish(Event(\"begin\", data))`", "an exception",
        exception_of([&] { server.hub().channel("news")->publish(Event("begin", "x")); }));
  print(kind, "`Subscription({}, loop)`", "the log, as the failure of its generator", exception_of([] {
          const SystemClock clock;
          Loop loop(clock);
          Subscription(Subscription::Channels(), loop);
        }));
}

std::string detail_of(ClientResponse response) {
  return nlohmann::json::parse(response.body).at("detail").get<std::string>();
}

void wrong_input() {
  const char* kind = "Input that is taken for something else";
  print(kind, "`server.stream(\"robots/:id\", …)`", kException,
        exception_of([] { Server({.port = 0}).stream("robots/:id", [](Request, Loop&) { return prompt(); }); }));
  RunningServer running([](Server& server) { server.serve_channels({.open_channels = {"news"}}); });
  print(kind, "`curl -d fire \"…/channels/news?type=alarm\"`", kAnswer, [&] {
    Client client = running.connect();
    client.send("POST /channels/news?type=alarm HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nfire");
    return detail_of(client.response());
  }());
}

// What the server answers to a reader of the channel `news` where this authorizer is asked.
std::string answer_by(const AnyAuthorizer& authorizer) {
  RunningServer running([&](Server& server) { server.serve_channels({}, {.read = authorizer}); });
  return detail_of(running.open("/channels/news").response());
}

void grants() {
  const char* kind = "An authorizer that lets nobody in";
  print(kind, "a `GrantReply` that is neither called nor kept", kAnswer,
        answer_by(LaterAuthorizer([](const Request&, GrantReply) {})));
  print(kind, "`return Grant{};`, which grants no channel", kAnswer,
        answer_by(Authorizer([](const Request&) { return Grant{}; })));
}

}  // namespace
}  // namespace tidings

int main() {
  spdlog::set_level(spdlog::level::off);  // but for what log_of() collects
  tidings::blocking();
  tidings::ends();
  tidings::cannot_begin();
  tidings::order();
  tidings::channels();
  tidings::wrong_input();
  tidings::grants();
}
