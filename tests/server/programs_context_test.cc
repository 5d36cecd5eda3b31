// A server on an io_context of the program's: what runs where, how it ends, and what is left of it in the context when
// it goes at any moment.
#include <gtest/gtest.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "tidings/server/asio.h"
#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/server.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// What belongs to the thread that runs the context, without a lock.
struct Program {
  asio::io_context context;
  int count = 0;
  std::thread::id thread;
};

EventStream counts(Program& program, Loop& loop) {
  for (;;) {
    const bool is_its_thread = std::this_thread::get_id() == program.thread;
    std::string text = is_its_thread ? std::to_string(++program.count) : "on another thread";
    co_yield Event(std::move(text));
    co_await loop.sleep(1ms);
  }
}

EventStream silent(std::shared_ptr<int>, Loop& loop) { co_await loop.sleep(1000h); }

int nothing() { return 0; }

EventStream of_a_worker(std::shared_ptr<int>, Loop& loop) {
  for (;;) {
    co_await on_worker(loop, nothing);
    co_yield Event("done");
  }
}

std::unique_ptr<Server> counting(Program& program) {
  auto server = std::make_unique<Server>(on_context(program.context, {.port = 0, .drain_time = 0ms}));
  server->stream("/counts", [&](const Request&, Loop& loop) { return counts(program, loop); });
  server->get("/", [](const Request&) { return Answer{.body = "hello"}; });
  server->serve_channels();
  server->start();
  return server;
}

Client open(const Server& server, std::string_view target) {
  Client client(server.port());
  client.send(get(target));
  return client;
}

std::string next(Client& client) { return client.event().value_or(ClientEvent{}).data; }

// Runs the context until it has nothing more to do.
class Running {
 public:
  explicit Running(Program& program)
      : thread_([&program] {
          program.thread = std::this_thread::get_id();
          program.context.run();
        }) {}
  ~Running() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

TEST(ProgramsContext, AGeneratorRunsOnTheThreadThatRunsIt) {
  Program program;
  const std::unique_ptr<Server> server = counting(program);
  Running running(program);
  asio::post(program.context, [&] { program.count = 100; });
  Client client = open(*server, "/counts");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(next(client), "101");
  EXPECT_EQ(next(client), "102");
  EXPECT_EQ(open(*server, "/").response().body, "hello");
  server->stop();
}

TEST(ProgramsContext, ItHasNothingMoreToDoOnceTheServerHasStopped) {
  Program program;
  const std::unique_ptr<Server> server = counting(program);
  Running running(program);
  Client client = open(*server, "/counts");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_TRUE(server->is_ready());
  server->stop();
  running.join();
  EXPECT_FALSE(server->is_ready());
  EXPECT_NE(client.rest().find("the server is going away"), std::string::npos);
  EXPECT_THROW(Client(server->port()), std::runtime_error);
}

TEST(ProgramsContext, WhatElseThereIsGoesOnWhenTheServerHasGone) {
  Program program;
  std::unique_ptr<Server> server = counting(program);
  asio::steady_timer timer(program.context, 1000h);
  bool was_cancelled = false;
  timer.async_wait([&](const std::error_code& error) { was_cancelled = static_cast<bool>(error); });
  Running running(program);
  Client client = open(*server, "/counts");
  EXPECT_EQ(client.head().status, 200);
  asio::post(program.context, [&] {
    server = nullptr;
    asio::post(program.context, [&] { timer.cancel(); });
  });
  running.join();
  EXPECT_TRUE(was_cancelled);
  EXPECT_FALSE(client.has_whole_body());
}

TEST(ProgramsContext, TwoServersAreOnIt) {
  Program program;
  const std::unique_ptr<Server> one = counting(program);
  std::unique_ptr<Server> other = counting(program);
  Running running(program);
  Client first = open(*one, "/counts"), second = open(*other, "/counts");
  EXPECT_EQ(first.head().status, 200);
  EXPECT_EQ(second.head().status, 200);
  EXPECT_NE(next(first), "on another thread");
  EXPECT_NE(next(second), "on another thread");
  asio::post(program.context, [&] { other = nullptr; });
  second.rest();
  EXPECT_TRUE(second.is_ended());
  EXPECT_NE(next(first), "");
  one->stop();
}

TEST(ProgramsContext, WhoPublishesElsewhereReachesItsStreams) {
  Program program;
  const std::unique_ptr<Server> server = counting(program);
  Running running(program);
  Client client = open(*server, "/channels/news");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).type, "begin");
  server->hub().channel("news")->publish(Event("hello"));
  EXPECT_EQ(next(client), "hello");
  server->stop();
}

// After each number of handlers that the context has run: what it still has of the server does nothing.
TEST(ProgramsContext, TheServerMayGoAtAnyMoment) {
  int most = 0;
  for (int handlers = 0; handlers < 60; ++handlers) {
    asio::io_context context;
    const auto counted = std::make_shared<int>();
    std::optional<Server> server(std::in_place, on_context(context, {.port = 0}));
    server->stream("/silent", [counted](const Request&, Loop& loop) { return silent(counted, loop); });
    server->stream("/worker", [counted](const Request&, Loop& loop) { return of_a_worker(counted, loop); });
    server->serve_channels();
    server->start();
    const Client one = open(*server, "/silent"), two = open(*server, "/worker"),
                 three = open(*server, "/channels/news");
    for (int i = 0; i < handlers; ++i) context.poll_one();
    most = std::max(most, static_cast<int>(counted.use_count()));
    if (handlers % 2 == 1) server->stop();
    server->hub().channel("news")->publish(Event("hello"));
    server.reset();
    EXPECT_EQ(counted.use_count(), 1) << "of " << handlers << " handlers";
    context.restart();
    context.run();
  }
  EXPECT_GT(most, 3) << "none of the streams has begun";
}

TEST(ProgramsContext, OneThatNeverRanLeavesNothing) {
  asio::io_context context;
  { const Server server(on_context(context)); }
  {
    Server server(on_context(context, {.port = 0}));
    server.listen();
  }
  {
    Server server(on_context(context, {.port = 0}));
    server.stop();
    server.start();
    context.run();
  }
  context.restart();
  context.run();  // what is left; both have an end
}

TEST(ProgramsContext, WhatIsForLoopsOfItsOwnIsASentence) {
  asio::io_context context;
  Server server(on_context(context, {.port = 0}));
  EXPECT_THROW(server.run(), std::logic_error);
  EXPECT_THROW(server.wait(), std::logic_error);
  EXPECT_THROW(Server(on_context(context, {.threads = 2})), std::invalid_argument);
  EXPECT_THROW(Server(on_context(context, {.processors = {0}})), std::invalid_argument);
  EXPECT_NO_THROW(Server(on_context(context, {.threads = 1})));
}

}  // namespace
}  // namespace tidings
