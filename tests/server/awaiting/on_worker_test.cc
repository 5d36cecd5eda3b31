#include "tidings/server/awaiting/on_worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/server.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

std::string twice(const std::string& text) { return text + text; }
void fails(int) { throw std::runtime_error("broken"); }
std::unique_ptr<std::size_t> length(std::unique_ptr<std::string> text) {
  return std::make_unique<std::size_t>(text->size());
}
std::thread::id thread_of(int) { return std::this_thread::get_id(); }

struct Robot {
  std::string name(int number) const { return "R" + std::to_string(number); }
};

EventStream asks(Loop& loop, Robot& robot) {
  std::string text = "ab";
  co_yield Event(co_await on_worker(loop, twice, text));
  const auto size = co_await on_worker(loop, length, std::make_unique<std::string>(text + "c"));
  co_yield Event(std::to_string(*size));
  co_yield Event(co_await on_worker(loop, &Robot::name, std::ref(robot), 2));
  const std::thread::id thread = co_await on_worker(loop, thread_of, 1);
  const std::string where = thread == std::this_thread::get_id() ? "here" : "there";
  co_yield Event(where);
  std::string caught = "nothing";
  try {
    co_await on_worker(loop, fails, 1);
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  co_yield Event(caught);
}

class OnWorkerTest : public testing::Test {
 protected:
  OnWorkerTest() { loop_.set_workers(workers_); }
  void run(const FakeClient& client) {
    while (!client.has_ended()) {
      manual_.turn();
      std::this_thread::yield();
    }
  }
  ManualLoop manual_;
  Loop& loop_ = manual_.loop();
  Workers workers_{{.threads = 2}};
};

TEST_F(OnWorkerTest, ResultsAndExceptionsComeBackToTheLoop) {
  Robot robot;
  const FakeClient client(asks(loop_, robot));
  run(client);
  EXPECT_EQ(client.data(), (Texts{"abab", "3", "R2", "there", "broken"}));
}

// Tells on which thread it was destroyed; moved from, it tells nothing.
class Told {
 public:
  explicit Told(std::promise<std::thread::id>& destroyed) : destroyed_(&destroyed) {}
  Told(Told&& other) noexcept : destroyed_(std::exchange(other.destroyed_, nullptr)) {}
  ~Told() {
    if (destroyed_) destroyed_->set_value(std::this_thread::get_id());
  }

 private:
  std::promise<std::thread::id>* destroyed_;
};

// What a piece of work tells the test, and waits for.
struct Signals {
  std::promise<void> begun, may_end;
  std::promise<std::thread::id> argument, result;
  std::promise<bool> stop_was_requested;
};

Told waits(std::stop_token stop, Signals* signals, const Told&) {
  signals->begun.set_value();
  signals->may_end.get_future().wait();
  signals->stop_was_requested.set_value(stop.stop_requested());
  return Told(signals->result);
}
EventStream asks_and_waits(Loop& loop, Signals* signals) {
  const Told told = co_await on_worker(loop, waits, signals, Told(signals->argument));
  co_yield Event("done");
}

TEST_F(OnWorkerTest, WhereTheGeneratorGoesTheResultIsDestroyedUnseenAndAStopIsRequested) {
  Signals signals;
  {
    const FakeClient client(asks_and_waits(loop_, &signals));
    signals.begun.get_future().wait();
  }
  signals.may_end.set_value();
  EXPECT_TRUE(signals.stop_was_requested.get_future().get());
  const std::thread::id thread = signals.argument.get_future().get();
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_EQ(signals.result.get_future().get(), thread);
  EXPECT_FALSE(manual_.turn());
}

TEST_F(OnWorkerTest, ArgumentsAreDestroyedOnTheWorkerBeforeTheAnswer) {
  Signals signals;
  signals.may_end.set_value();
  const FakeClient client(asks_and_waits(loop_, &signals));
  auto argument = signals.argument.get_future();
  run(client);
  ASSERT_EQ(argument.wait_for(0s), std::future_status::ready);
  EXPECT_NE(argument.get(), std::this_thread::get_id());
  EXPECT_FALSE(signals.stop_was_requested.get_future().get());
  EXPECT_EQ(signals.result.get_future().get(), std::this_thread::get_id());
}

TEST_F(OnWorkerTest, WhatHasNotBegunDoesNotBegin) {
  Signals first, second, third;
  const FakeClient one(asks_and_waits(loop_, &first)), two(asks_and_waits(loop_, &second));
  first.begun.get_future().wait();
  second.begun.get_future().wait();
  { const FakeClient client(asks_and_waits(loop_, &third)); }
  EXPECT_EQ(third.argument.get_future().get(), std::this_thread::get_id());
  first.may_end.set_value();
  second.may_end.set_value();
  run(one);
  run(two);
  EXPECT_EQ(third.begun.get_future().wait_for(0s), std::future_status::timeout);
}

TEST(OnWorker, ALoopWithoutWorkersSaysSo) {
  ManualLoop manual;
  Robot robot;
  const FakeClient client(asks(manual.loop(), robot));
  EXPECT_EQ(client.failure(), "This Loop has no workers: a server's has them, any other gets them by set_workers().");
}

// A server with one worker, which a first client keeps busy, and room for one who waits.
class OnWorkerServerTest : public testing::Test {
 protected:
  ~OnWorkerServerTest() override {
    if (!is_let_go_) let_go();
  }
  void let_go() {
    is_let_go_ = true;
    signals_.may_end.set_value();
  }

  static EventStream greets(Loop& loop) { co_yield Event(co_await on_worker(loop, twice, std::string("ab"))); }

  Signals signals_;
  bool is_let_go_ = false;
  RunningServer running_{[this](Server& server) {
                           server.stream("/busy", [this](Request, Loop& l) { return asks_and_waits(l, &signals_); });
                           server.stream("/greet", [](Request, Loop& l) { return greets(l); });
                         },
                         {.work_threads = 1, .max_waiting_work = 1}};
};

TEST_F(OnWorkerServerTest, TheFrameGoesAtOnceWhileItsWorkRunsOn) {
  Client client = running_.open("/busy");
  EXPECT_EQ(client.head().status, 200);
  signals_.begun.get_future().wait();
  client.close();
  EXPECT_TRUE(running_.reaches("tidings_frames", 0));
  let_go();
  EXPECT_TRUE(signals_.stop_was_requested.get_future().get());
}

TEST_F(OnWorkerServerTest, BeyondTheWorkThatMayWaitTheClientHasA503) {
  Client busy = running_.open("/busy");
  EXPECT_EQ(busy.head().status, 200);
  signals_.begun.get_future().wait();
  Client waiting = running_.open("/greet");
  EXPECT_EQ(waiting.head().status, 200);
  const ClientResponse refusal = running_.open("/greet").response();
  EXPECT_EQ(refusal.status, 503);
  EXPECT_NE(refusal.body.find("As much work waits for a worker as may, 1: try again later."), std::string::npos)
      << refusal.body;
  let_go();
  EXPECT_EQ(waiting.event().value_or(ClientEvent{}).data, "abab");
  EXPECT_EQ(busy.event().value_or(ClientEvent{}).data, "done");
}

TEST_F(OnWorkerServerTest, AServerThatStopsWaitsForTheWorkThatRuns) {
  Client client = running_.open("/busy");
  EXPECT_EQ(client.head().status, 200);
  signals_.begun.get_future().wait();
  running_.server().stop();
  EXPECT_NE(client.rest().find("the server is going away"), std::string::npos);
  client.close();
  let_go();
  running_.stop();
  EXPECT_TRUE(signals_.stop_was_requested.get_future().get());
}

}  // namespace
}  // namespace tidings
