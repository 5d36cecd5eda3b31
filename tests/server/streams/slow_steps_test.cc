// A program's code that holds up its loop is counted and, once a minute, named in the log.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

#include "tidings/server/http/answer.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/streams/generator_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// Something to await that the generator wakes up from by hand.
struct Gate {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> generator) { waiter = generator; }
  void await_resume() const {}

  std::coroutine_handle<> waiter;
};

EventStream computes(ManualClock& clock, std::chrono::milliseconds before, Gate& gate,
                     std::chrono::milliseconds between, std::chrono::milliseconds after) {
  clock.advance(before);
  co_await gate;
  clock.advance(between);
  co_await gate;
  clock.advance(after);
  co_yield Event("done");
}

class SlowStepsTest : public testing::Test {
 protected:
  SlowStepsTest() : usual_(spdlog::default_logger()) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log_)));
  }
  ~SlowStepsTest() override { spdlog::set_default_logger(usual_); }

  // How many of the three steps count as slow.
  std::int64_t slow_of(std::chrono::milliseconds before, std::chrono::milliseconds between,
                       std::chrono::milliseconds after) {
    const std::int64_t had = loop_.metrics().slow_steps.value();
    Gate gate;
    SocketPair pair;
    const auto stream = std::make_shared<GeneratorStream>(
        loop_, options_, computes(clock_, before, gate, between, after), Heartbeat::kComment, "/robots/7");
    EXPECT_EQ(stream->begin(), nullptr);
    StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"),
                        {.framing = Framing::kNone});
    for (int step = 0; step < 2; ++step) {
      clock_.advance(1h);  // waiting is nobody's fault
      gate.waiter.resume();
    }
    stream->abort();
    return loop_.metrics().slow_steps.value() - had;
  }
  int lines() const {
    const std::string text = log_.str();
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  const std::shared_ptr<spdlog::logger> usual_;
  std::ostringstream log_;
  ManualClock clock_{Clock::WallTime(100s)};
  StreamOptions options_;
  StreamLimits limits_{{}};
  EventLoop loop_{clock_, 1};
};

TEST_F(SlowStepsTest, EachStepOfAGeneratorIsTakenByItself) {
  EXPECT_EQ(slow_of(99ms, 99ms, 99ms), 0);
  EXPECT_EQ(lines(), 0);
  EXPECT_EQ(slow_of(100ms, 0ms, 0ms), 1);
  EXPECT_EQ(slow_of(0ms, 100ms, 0ms), 1);
  EXPECT_EQ(slow_of(0ms, 0ms, 100ms), 1);
  EXPECT_EQ(slow_of(1s, 1s, 1s), 3);
}

TEST_F(SlowStepsTest, WhatMakesTheGeneratorIsAStepToo) {
  const OpenStream open = open_generator([this](Request, Loop&) -> EventStream {
    clock_.advance(200ms);
    throw Refusal(404, "There is no such robot.");
  });
  Request request;
  request.path = "/robots/7";
  EXPECT_THROW(open(loop_, options_, Heartbeat::kComment, request), Refusal);
  EXPECT_EQ(loop_.metrics().slow_steps.value(), 1);
  EXPECT_NE(log_.str().find("/robots/7 held up"), std::string::npos) << log_.str();
}

TEST_F(SlowStepsTest, TheLogNamesThePathOnceAMinute) {
  slow_of(3500ms, 0ms, 0ms);
  EXPECT_NE(log_.str().find("/robots/7 held up all other streams of its event loop for 3500 ms"), std::string::npos)
      << log_.str();
  EXPECT_EQ(lines(), 1);
  loop_.step_watch().begin();
  clock_.advance(200ms);
  loop_.step_watch().end("/robots/8");
  EXPECT_EQ(lines(), 2) << "hours later";
  loop_.step_watch().begin();
  clock_.advance(200ms);
  loop_.step_watch().end("/robots/9");
  EXPECT_EQ(lines(), 2) << "the same minute";
}

TEST_F(SlowStepsTest, WorkThatWasPostedCountsToo) {
  Loop& loop = loop_;
  loop.post([this] { clock_.advance(2s); });
  loop_.context().poll();
  EXPECT_EQ(loop_.metrics().slow_steps.value(), 1);
  EXPECT_NE(log_.str().find("work that was posted held up"), std::string::npos) << log_.str();
}

}  // namespace
}  // namespace tidings
