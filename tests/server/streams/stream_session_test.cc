// A generator's stream on a loop that the test turns by hand: what may happen between a tick and the moment that its
// event leaves.
#include "tidings/server/streams/stream_session.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/loop/lingering_close.h"
#include "tidings/server/streams/generator_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream ticks(Loop& loop) {
  for (Ticker ticker = loop.every(1s);;) {
    const Tick tick = co_await ticker.next();
    co_yield Event("tick").with_id(tick.number);
  }
}

EventStream silent(Loop& loop) { co_await loop.sleep(1000h); }

EventStream large() {
  const std::string data(1 << 20, 'x');  // more than a socket takes
  co_yield Event(data);
}

class StreamSessionTest : public testing::Test {
 protected:
  StreamSessionTest() { stream_ = open(loop_, pair_, ticks(loop_)); }

  std::weak_ptr<StreamSession> open(EventLoop& loop, SocketPair& pair, EventStream generator, Until until = {}) {
    const auto stream =
        std::make_shared<GeneratorStream>(loop, options_, std::move(generator), Heartbeat::kComment, "/ticks");
    EXPECT_EQ(stream->begin(), nullptr);
    StreamSession::open(stream, loop.sockets().add(pair.take()), *limits_.take_slot("here"),
                        {.framing = Framing::kNone, .until = until});
    EXPECT_NE(pair.received().find("200 OK"), std::string::npos);
    return stream;
  }
  // The tick is due, and its event on its way to the socket.
  void tick() {
    clock_.advance(1s);
    loop_.run_due_timers();
  }
  void turn() { loop_.context().poll(); }

  SocketPair pair_;
  ManualClock clock_{Clock::WallTime(100s)};
  StreamOptions options_;
  StreamLimits limits_{{}};
  EventLoop loop_{clock_, 1};
  std::weak_ptr<StreamSession> stream_;
};

TEST_F(StreamSessionTest, EventsOfOneTurnAllLeave) {
  SocketPair other;
  open(loop_, other, ticks(loop_));
  tick();
  turn();
  EXPECT_EQ(pair_.received(), "data: tick\nid: 101\n\n");
  EXPECT_EQ(other.received(), "data: tick\nid: 101\n\n");
  tick();
  turn();
  EXPECT_EQ(pair_.received(), "data: tick\nid: 102\n\n");
}

TEST_F(StreamSessionTest, GrantsThatEndTogetherEndTheirStreamsOverTheTimeOfADrainBeforeThat) {
  options_.drain_time = 1s;
  std::array<SocketPair, 32> pairs;
  for (SocketPair& pair : pairs) open(loop_, pair, silent(loop_), clock_.wall_now() + 10min);
  int told = 0;
  const auto told_after = [&](std::chrono::milliseconds time) {
    clock_.advance(time);
    loop_.run_due_timers();
    turn();
    for (SocketPair& pair : pairs) told += pair.received().find(": the grant has ended\n") != std::string::npos ? 1 : 0;
    return told;
  };
  EXPECT_EQ(told_after(10min - 1s - 1ms), 0);
  const int by_half = told_after(501ms);
  EXPECT_GT(by_half, 0);
  EXPECT_LT(by_half, 32);
  EXPECT_EQ(told_after(500ms), 32);
  clock_.advance(1s);
  loop_.run_due_timers();
  EXPECT_EQ(loop_.metrics().ended(EndReason::kGrantOver).value(), 32);
}

TEST_F(StreamSessionTest, OneThatComesBackWithLittleLeftOfItsGrantHasHalfOfThatAtLeast) {
  options_.drain_time = 1s;
  SocketPair late;
  open(loop_, late, silent(loop_), clock_.wall_now() + 100ms);
  const auto is_told_after = [&](std::chrono::milliseconds time) {
    clock_.advance(time);
    loop_.run_due_timers();
    turn();
    return late.received().find(": the grant has ended\n") != std::string::npos;
  };
  EXPECT_FALSE(is_told_after(49ms));
  EXPECT_TRUE(is_told_after(51ms));
}

TEST_F(StreamSessionTest, AnEventOfAStreamThatHasEndedDoesNotGoToTheNextWithItsDescriptor) {
  tick();
  stream_.lock()->abort();
  SocketPair next;  // gets the lowest descriptors that are free
  turn();
  EXPECT_TRUE(stream_.expired());
  EXPECT_EQ(next.received(), "");
  EXPECT_EQ(pair_.received(), "");
  EXPECT_TRUE(pair_.has_ended());
}

TEST_F(StreamSessionTest, ADrainWaitsForTheEventThatIsOnItsWay) {
  tick();
  stream_.lock()->drain();
  turn();
  const std::string received = pair_.received();
  EXPECT_TRUE(received.starts_with("data: tick\nid: 101\n\n: the server is going away")) << received;
  EXPECT_EQ(pair_.received(), "");
  EXPECT_TRUE(pair_.has_ended());
}

TEST_F(StreamSessionTest, ADrainOverTimeWaitsForTheEventToo) {
  options_.drain_time = 900ms;
  clock_.advance(500ms);
  stream_.lock()->drain();
  clock_.advance(900ms);  // by now both are due
  loop_.run_due_timers();
  turn();
  const std::string received = pair_.received();
  EXPECT_NE(received.find("the server is going away"), std::string::npos) << received;
  EXPECT_EQ(received.find("tick", received.find("going away")), std::string::npos) << received;
  EXPECT_EQ(pair_.received(), "");
  EXPECT_FALSE(pair_.has_ended()) << "some proxies drop what the end follows at once";
  clock_.advance(75ms);
  loop_.run_due_timers();
  turn();
  pair_.received();
  EXPECT_TRUE(pair_.has_ended());
}

EventStream large_then_counts(Loop& loop, int& has_left) {
  co_await loop.sleep(1s);
  co_yield Event(std::string(140'000, 'x'));  // the outbox has room for one
  ++has_left;
  co_await loop.sleep(1h);
}

TEST_F(StreamSessionTest, AnEventForWhichTheOutboxHasNoRoomIsNotHeldToTheTurnsEnd) {
  int has_left = 0;
  std::vector<SocketPair> pairs(3);
  for (SocketPair& pair : pairs) {
    const auto stream = std::make_shared<GeneratorStream>(loop_, options_, large_then_counts(loop_, has_left),
                                                          Heartbeat::kComment, "/large");
    EXPECT_EQ(stream->begin(), nullptr);
    StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"),
                        {.framing = Framing::kNone});
    pair.received();
  }
  tick();
  EXPECT_EQ(has_left, 2);
  turn();
  EXPECT_EQ(has_left, 3);
}

TEST_F(StreamSessionTest, AClientThatLeavesEndsItWithoutATimer) {
  pair_.leave();
  turn();
  EXPECT_TRUE(stream_.expired());
  EXPECT_EQ(loop_.metrics().streams.value(), 0);
  EXPECT_EQ(loop_.metrics().frames.value(), 0);
}

TEST_F(StreamSessionTest, WhatTheClientSendsIsDropped) {
  pair_.send("GET /another HTTP/1.1\r\n\r\n");
  turn();
  tick();
  turn();
  EXPECT_EQ(pair_.received(), "data: tick\nid: 101\n\n");
}

TEST_F(StreamSessionTest, AHeartbeatThatIsDueWithAnEventOnItsWayStaysAway) {
  tick();
  clock_.advance(options_.heartbeat);
  loop_.run_due_timers();
  EXPECT_EQ(pair_.received(), "");
  turn();
  EXPECT_TRUE(pair_.received().starts_with("data: tick\nid: 101\n\n"));
}

TEST_F(StreamSessionTest, AClientThatTakesNothingIsEndedInADrainToo) {
  for (const auto drain_time : {0ms, 900ms}) {
    options_.drain_time = drain_time;
    SocketPair pair;
    const std::weak_ptr<StreamSession> stream = open(loop_, pair, large());
    turn();
    ASSERT_EQ(loop_.metrics().blocked.value(), 1);
    stream.lock()->drain();
    clock_.advance(drain_time);
    loop_.run_due_timers();
    turn();
    EXPECT_FALSE(stream.expired());
    for (int timeouts = 0; timeouts < 2; ++timeouts) {  // the first finds that it has taken something
      clock_.advance(options_.write_timeout);
      loop_.run_due_timers();
      turn();
    }
    EXPECT_TRUE(stream.expired());
    EXPECT_EQ(loop_.metrics().blocked.value(), 0);
  }
}

// A laptop's lid: the process stands still, its clients read meanwhile, and then its timers are due before anything
// else.
TEST_F(StreamSessionTest, WhoHasReadWhileTheProcessStoodStillIsNotSlow) {
  SocketPair pair;
  const std::weak_ptr<StreamSession> stream = open(loop_, pair, large());
  turn();
  ASSERT_EQ(loop_.metrics().blocked.value(), 1);
  pair.received();
  clock_.advance(options_.write_timeout + 3s);
  loop_.run_due_timers();
  EXPECT_EQ(loop_.metrics().ended(EndReason::kSlow).value(), 0);
  for (int reads = 0; reads < 100 && !pair.has_ended(); ++reads) {
    pair.received();
    turn();
  }
  EXPECT_TRUE(stream.expired()) << "all of it has left, and the generator has returned";
}

TEST_F(StreamSessionTest, BehindWhatAResumedClientIsSentComesSomethingSmallSoon) {
  for (const auto heartbeat : {Heartbeat::kComment, Heartbeat::kEvent}) {
    SocketPair pair;
    const auto stream = std::make_shared<GeneratorStream>(loop_, options_, ticks(loop_), heartbeat, "/ticks");
    EXPECT_EQ(stream->begin(), nullptr);
    StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"),
                        {.framing = Framing::kNone, .is_resumed = true});
    pair.received();
    clock_.advance(333ms);
    loop_.run_due_timers();
    EXPECT_EQ(pair.received(), ":\n");
    clock_.advance(333ms);
    loop_.run_due_timers();
    EXPECT_EQ(pair.received(), "");
    stream->abort();
  }
}

EventStream often(Loop& loop) {
  for (Ticker ticker = loop.every(100ms);;) {
    const Tick tick = co_await ticker.next();
    co_yield Event("often").with_id(tick.number);
  }
}

TEST_F(StreamSessionTest, AResumedStreamThatGoesOnNeedsNoPushAndNoTimerForIt) {
  stream_.lock()->abort();
  SocketPair pair;
  const auto stream = std::make_shared<GeneratorStream>(loop_, options_, often(loop_), Heartbeat::kComment, "/often");
  EXPECT_EQ(stream->begin(), nullptr);
  StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"),
                      {.framing = Framing::kNone, .is_resumed = true});
  std::string all;
  const auto pass = [&](int ticks) {
    for (int i = 0; i < ticks; ++i) {
      clock_.advance(100ms);
      loop_.run_due_timers();
      turn();
      all += pair.received();
    }
  };
  pass(50);
  EXPECT_EQ(all.find(":\n", all.find("retry")), std::string::npos) << all;
  stream->abort();
}

TEST_F(StreamSessionTest, ALastChunkThatFindsNoRoomComesLater) {
  SocketPair pair;
  const auto stream = std::make_shared<GeneratorStream>(loop_, options_, large(), Heartbeat::kComment, "/large");
  EXPECT_EQ(stream->begin(), nullptr);
  StreamSession::open(stream, loop_.sockets().add(pair.take()), *limits_.take_slot("here"), {});
  std::string all;
  for (int reads = 0; reads < 100 && !pair.has_ended(); ++reads) {
    turn();
    all += pair.received();
  }
  EXPECT_TRUE(all.ends_with("x\n\n\r\n0\r\n\r\n")) << all.substr(all.size() - 50);
  EXPECT_EQ(all.find("\r\n0\r\n\r\n"), all.size() - 7);
}

TEST_F(StreamSessionTest, AnEndThatComesWhenTheLoopHasFinishedIsAnEndAllTheSame) {
  stream_.lock()->abort();
  turn();
  loop_.finish();
  SocketPair late;
  close_lingering(loop_, loop_.sockets().add(late.take()));
  late.leave();
  turn();
  EXPECT_EQ(loop_.metrics().connections.value(), 0);
}

TEST_F(StreamSessionTest, ALoopThatIsDestroyedEndsItsStreams) {
  SocketPair pair;
  auto loop = std::make_unique<EventLoop>(clock_, 2);
  const std::weak_ptr<StreamSession> stream = open(*loop, pair, ticks(*loop));
  loop = nullptr;
  EXPECT_TRUE(stream.expired());
  pair.received();
  pair.received();
  EXPECT_TRUE(pair.has_ended());
}

}  // namespace
}  // namespace tidings
