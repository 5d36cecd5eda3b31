// What a generator may rely on, against a running server and real sockets, on a clock that the test moves.
#include "tidings/server/streams/generator_stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

// Tells another thread that a frame was destroyed, and on which.
class Witness {
 public:
  class Guard {
   public:
    explicit Guard(Witness& witness) : witness_(&witness) {}
    Guard(Guard&& other) noexcept : witness_(std::exchange(other.witness_, nullptr)) {}
    ~Guard() {
      if (witness_) witness_->destroyed_.set_value(std::this_thread::get_id());
    }

   private:
    Witness* witness_;
  };

  // The thread that destroyed the guard; none when it is still alive after ten seconds.
  std::optional<std::thread::id> destroyed() {
    auto future = destroyed_.get_future();
    if (future.wait_for(10s) != std::future_status::ready) return std::nullopt;
    return future.get();
  }

 private:
  std::promise<std::thread::id> destroyed_;
};

EventStream clock_of(Loop& loop) {
  for (Ticker ticker = loop.every(1s);;) {
    const Tick tick = co_await ticker.next();
    co_yield Event("tick").with_id(tick.number);
  }
}

EventStream yields_one_then_sleeps(Loop& loop, std::atomic<int>& asked) {
  asked = 1;
  co_yield Event("first");
  asked = 2;
  co_await loop.sleep(1h);
}

TEST(Promise1, AnEventIsOnTheWireBeforeTheNextIsAskedFor) {
  std::atomic<int> asked = 0;
  RunningServer running([&](Server& server) {
    server.stream("/one", [&](Request, Loop& loop) { return yields_one_then_sleeps(loop, asked); });
  });
  Client client = running.open("/one");
  EXPECT_EQ(client.head().status, 200);
  const auto event = client.event();  // though the generator has not come to a second one
  ASSERT_TRUE(event);
  EXPECT_EQ(event->data, "first");
}

constexpr std::size_t kBigBytes = 64 * 1024;
constexpr int kBigEvents = 1000;

EventStream yields_a_lot(std::atomic<int>& yielded) {
  const std::string data(kBigBytes, 'x');
  for (int i = 1; i <= kBigEvents; ++i) {
    yielded = i;
    co_yield Event(data).with_id(static_cast<std::uint64_t>(i));
  }
}

TEST(Promise2, TheGeneratorRestsWhileTheClientDoesNotReadAndNothingIsLost) {
  std::atomic<int> yielded = 0;
  RunningServer running(
      [&](Server& server) { server.stream("/lot", [&](Request, Loop&) { return yields_a_lot(yielded); }); });
  Client client = running.open("/lot");
  ASSERT_TRUE(running.reaches("tidings_blocked_streams", 1));
  const int asked_for = yielded;
  EXPECT_LT(asked_for, kBigEvents);  // 64 MB are more than socket buffers hold
  EXPECT_GE(running.metric("tidings_stream_bytes_total"), (asked_for - 1) * static_cast<std::int64_t>(kBigBytes));
  EXPECT_EQ(client.head().status, 200);
  for (int i = 1; i <= kBigEvents; ++i) {
    const auto event = client.event();
    ASSERT_TRUE(event) << "event " << i;
    ASSERT_EQ(event->last_event_id, std::to_string(i));
    ASSERT_EQ(event->data.size(), kBigBytes);
  }
  EXPECT_FALSE(client.event());
  EXPECT_EQ(yielded, kBigEvents);
}

EventStream waits(Loop& loop, Witness::Guard) {
  co_await loop.sleep(1h);
  co_yield Event("late");
}

EventStream yields_for_ever(Witness::Guard) {
  for (;;) co_yield Event(std::string(1000, 'x'));
}

struct Leaving {
  const char* name;
  void (*leave)(Client&);
};

class Promise3 : public testing::TestWithParam<Leaving> {};

// No test here moves the clock, so no timer can be what notices that the client has left.
TEST_P(Promise3, TheFrameIsDestroyedOnItsLoopWhereItAwaits) {
  Witness witness;
  std::thread::id thread;
  RunningServer running([&](Server& server) {
    server.stream("/wait", [&](Request, Loop& loop) {
      thread = std::this_thread::get_id();
      return waits(loop, Witness::Guard(witness));
    });
  });
  Client client = running.open("/wait");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(running.metric("tidings_frames"), 1);
  GetParam().leave(client);
  EXPECT_EQ(witness.destroyed(), thread);
  EXPECT_TRUE(running.reaches("tidings_frames", 0));
  EXPECT_TRUE(running.reaches("tidings_streams", 0));
  EXPECT_TRUE(running.reaches("tidings_connections", 0));
}

TEST_P(Promise3, TheFrameIsDestroyedAtAYield) {
  Witness witness;
  RunningServer running([&](Server& server) {
    server.stream("/endless", [&](Request, Loop&) { return yields_for_ever(Witness::Guard(witness)); });
  });
  Client client = running.open("/endless");
  ASSERT_TRUE(running.reaches("tidings_blocked_streams", 1));
  GetParam().leave(client);
  EXPECT_TRUE(witness.destroyed());
  EXPECT_TRUE(running.reaches("tidings_frames", 0));
}

INSTANTIATE_TEST_SUITE_P(WhenTheClientLeaves, Promise3,
                         testing::Values(Leaving{"ByFin", [](Client& client) { client.close(); }},
                                         Leaving{"ByRst", [](Client& client) { client.reset(); }},
                                         Leaving{"ByHalfClose", [](Client& client) { client.finish(); }}),
                         [](const auto& info) { return info.param.name; });

TEST(Promise3, WhatTheClientSendsAfterwardsEndsNothing) {
  RunningServer running(
      [&](Server& server) { server.stream("/clock", [](Request, Loop& loop) { return clock_of(loop); }); });
  Client client = running.open("/clock");
  EXPECT_EQ(client.head().status, 200);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.send(std::string(10'000, 'x') + get("/clock")));
  running.pass(1s);
  EXPECT_TRUE(client.event());
  EXPECT_EQ(running.metric("tidings_streams"), 1);
}

EventStream ends_after_two() {
  co_yield Event("1");
  co_yield Event("2");
}

TEST(Promise4, AStreamEndsWhenItsGeneratorReturns) {
  RunningServer running(
      [&](Server& server) { server.stream("/two", [](Request, Loop&) { return ends_after_two(); }); });
  Client client = running.open("/two");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event()->data, "1");
  EXPECT_EQ(client.event()->data, "2");
  EXPECT_FALSE(client.event());
  EXPECT_TRUE(client.has_whole_body()) << "the client has to tell it from a cut";
  EXPECT_TRUE(running.reaches("tidings_frames", 0));
}

TEST(Promise4, AClientOfHttp10GetsTheEndOfTheConnection) {
  RunningServer running(
      [&](Server& server) { server.stream("/two", [](Request, Loop&) { return ends_after_two(); }); });
  Client client = running.connect();
  client.send("GET /two HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.head().headers.count("transfer-encoding"), 0u);
  EXPECT_TRUE(client.rest().ends_with("data: 1\n\ndata: 2\n\n"));
  EXPECT_TRUE(client.is_ended());
  EXPECT_FALSE(client.was_reset());
}

TEST(Promise4, AStreamEndsWhenTheServerDrainsAndItsClientIsTold) {
  Witness witness;
  RunningServer running([&](Server& server) {
    server.stream("/wait", [&](Request, Loop& loop) { return waits(loop, Witness::Guard(witness)); });
  });
  Client client = running.open("/wait");
  EXPECT_EQ(client.head().status, 200);
  running.server().stop();
  const std::string rest = client.rest();
  EXPECT_NE(rest.find("\n: the server is going away\nretry: "), std::string::npos) << rest;
  EXPECT_TRUE(rest.ends_with("\n") && !rest.ends_with("\n\n")) << "some clients hand out a blank line as a message";
  EXPECT_FALSE(client.has_whole_body()) << "it is to come back";
  client.close();
  running.stop();
  EXPECT_TRUE(witness.destroyed());
}

TEST(Promise4, AStreamEndsWhenItsClientDoesNotRead) {
  Witness witness;
  RunningServer running([&](Server& server) {
    server.stream("/endless", [&](Request, Loop&) { return yields_for_ever(Witness::Guard(witness)); });
  });
  Client client = running.open("/endless");
  ASSERT_TRUE(running.reaches("tidings_blocked_streams", 1));
  // More than one step, since the kernel may still have moved some bytes on at the first.
  EXPECT_TRUE(running.reaches_in_steps(30s, "tidings_slow_disconnects_total", 1));
  EXPECT_TRUE(witness.destroyed());
  EXPECT_TRUE(running.reaches("tidings_blocked_streams", 0));
}

EventStream refuses(int status) {
  if (status != 0) throw Refusal(status, "Not like this.");
  co_yield Event("fine");
}

EventStream fails_at_once() {
  throw std::runtime_error("broken");
  co_return;
}

EventStream refuses_late(Loop& loop) {
  co_await loop.sleep(1s);
  throw Refusal(404, "Too late for that.");
}

class Promise5 : public testing::Test {
 protected:
  RunningServer running_{[](Server& server) {
    server.stream("/refuse/:status", [](Request request, Loop&) { return refuses(std::stoi(request.captures.at(0))); });
    server.stream("/no_generator", [](Request, Loop&) -> EventStream { throw Refusal(401, "Say who you are first."); });
    server.stream("/fail", [](Request, Loop&) { return fails_at_once(); });
    server.stream("/empty", [](Request, Loop&) { return EventStream(); });
    server.stream("/late", [](Request, Loop& loop) { return refuses_late(loop); });
    server.stream("/clock", [](Request, Loop& loop) { return clock_of(loop); });
    server.stream("/two", [](Request, Loop&) { return ends_after_two(); });
  }};
};

TEST_F(Promise5, ARefusalBeforeTheFirstSuspensionIsTheStatus) {
  for (const int status : {401, 404, 503}) {
    Client client = running_.open("/refuse/" + std::to_string(status));
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
    EXPECT_NE(response.body.find("Not like this."), std::string::npos);
  }
  EXPECT_EQ(running_.open("/no_generator").response().status, 401);
  EXPECT_TRUE(running_.reaches("tidings_frames", 0));
  EXPECT_EQ(running_.metric("tidings_generator_failures_total"), 0);
}

TEST_F(Promise5, ARefusalLeavesTheConnectionOpenAndIsNotTheGateways) {
  Client client = running_.connect();
  for (const char* path : {"/refuse/404", "/no_generator", "/fail", "/clock?heartbeat=loud"}) {
    client.send(get(path));
    const ClientResponse response = client.response();
    EXPECT_GE(response.status, 400) << path;
    EXPECT_EQ(response.headers.count("connection"), 0u) << path;
    EXPECT_EQ(response.headers.at("cache-control"), "no-store") << path;
  }
  client.send(get("/refuse/404") + get("/refuse/503"));  // pipelined
  EXPECT_EQ(client.response().status, 404);
  EXPECT_EQ(client.response().headers.count("retry-after"), 1u);
  EXPECT_EQ(running_.metric("tidings_refused_streams_total"), 6);
  EXPECT_EQ(running_.metric("tidings_refused_requests_total"), 0);
  EXPECT_EQ(running_.metric("tidings_connections"), 1);
  client.send("GET /refuse/404 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.response().headers.at("connection"), "close");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(Promise5, AHeadRequestGetsTheStatusAndTheHeadOfAGetAndLeavesNoFrame) {
  for (const std::string_view target : {"/refuse/404", "/refuse/503", "/refuse/0", "/no_generator", "/fail", "/empty",
                                        "/clock", "/two", "/late", "/clock?heartbeat=event", "/clock?heartbeat=loud"}) {
    Client head = running_.connect();
    head.send("HEAD " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const ClientResponse asked = head.response(true);
    EXPECT_EQ(running_.metric("tidings_frames"), 0) << target;
    EXPECT_EQ(running_.metric("tidings_streams"), 0) << target;
    const ClientResponse got = running_.open(target).head();
    EXPECT_EQ(asked.status, got.status) << target;
    const auto but_for_jitter = [](ClientHeaders::Fields fields) {
      std::erase_if(fields, [](const auto& field) { return field.first == "retry-after"; });
      return fields;
    };
    EXPECT_EQ(but_for_jitter(asked.headers.all()), but_for_jitter(got.headers.all())) << target;
    head.send("HEAD /two HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(head.response(true).status, 200) << target << " sends no body, so the connection goes on";
    ASSERT_TRUE(running_.reaches("tidings_frames", 0)) << target;
  }
}

TEST_F(Promise5, AFailureBeforeTheFirstSuspensionIsA500) {
  EXPECT_EQ(running_.open("/fail").response().status, 500);
  EXPECT_EQ(running_.metric("tidings_generator_failures_total"), 1);
  EXPECT_EQ(running_.open("/empty").response().status, 500);
}

TEST_F(Promise5, ARefusalLaterEndsTheStream) {
  Client client = running_.open("/late");
  EXPECT_EQ(client.head().status, 200);
  running_.pass(1s);
  EXPECT_FALSE(client.event());
}

TEST_F(Promise5, HeadAndFirstCommentComeAtOnceThoughNoEventDoes) {
  Client client = running_.open("/clock");
  const ClientResponse head = client.head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(head.headers.at("cache-control"), "no-cache, no-transform");
  EXPECT_EQ(head.headers.at("content-encoding"), "identity");
  EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
  EXPECT_EQ(head.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(head.headers.count("connection"), 0u) << "some clients take what is cut off for whole where it says close";
  EXPECT_EQ(head.headers.count("content-length"), 0u);
  EXPECT_EQ(client.until("\n"), ":\n");
  EXPECT_EQ(client.until(" "), "retry: ");
  const int retry = std::stoi(client.until("\n"));
  EXPECT_GE(retry, 1000);
  EXPECT_LE(retry, 3000);
}

TEST_F(Promise5, TheEventOfTheFirstSuspensionComesWithTheHead) {
  Client client = running_.open("/refuse/0");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event()->data, "fine");
}

EventStream fails_after_one() {
  co_yield Event("one");
  throw std::runtime_error("broken");
}

TEST(Promise6, AnExceptionEndsItsOwnStreamAndIsCountedOnce) {
  RunningServer running([&](Server& server) {
    server.stream("/fail", [](Request, Loop&) { return fails_after_one(); });
    server.stream("/clock", [](Request, Loop& loop) { return clock_of(loop); });
  });
  Client other = running.open("/clock");
  EXPECT_EQ(other.head().status, 200);
  Client client = running.open("/fail");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event()->data, "one");
  EXPECT_FALSE(client.event());
  EXPECT_FALSE(client.has_whole_body());
  EXPECT_TRUE(running.reaches("tidings_generator_failures_total", 1));
  EXPECT_TRUE(running.reaches("tidings_frames", 1));
  running.pass(1s);
  EXPECT_TRUE(other.event());
}

class Heartbeat : public testing::Test {
 protected:
  RunningServer running_{[](Server& server) {
    server.stream("/silent", [](Request, Loop& loop) { return clock_every_hour(loop); });
    server.stream("/clock", [](Request, Loop& loop) { return clock_of(loop); });
  }};
  static EventStream clock_every_hour(Loop& loop) {
    for (Ticker ticker = loop.every(1h);;) {
      co_await ticker.next();
      co_yield Event("hour");
    }
  }
  // Opens a stream and takes all that comes at first.
  Client opened(std::string_view target) {
    Client client = running_.open(target);
    EXPECT_EQ(client.head().status, 200);
    client.until("retry: ");
    client.until("\n");
    return client;
  }
};

TEST_F(Heartbeat, AfterFifteenSecondsOfSilenceAComment) {
  Client client = opened("/silent");
  running_.pass(14s);
  running_.pass(1s);
  EXPECT_EQ(client.until("\n"), ":\n");
  running_.pass(15s);
  EXPECT_EQ(client.until("\n"), ":\n");
}

TEST_F(Heartbeat, AsANamedEventWhenAskedFor) {
  Client client = opened("/silent?heartbeat=event");
  running_.pass(15s);
  EXPECT_EQ(client.event(), (ClientEvent{"heartbeat", "", ""}));
}

TEST_F(Heartbeat, AnotherWishIsRefused) { EXPECT_EQ(running_.open("/silent?heartbeat=drum").response().status, 400); }

TEST_F(Heartbeat, EventsPutItOff) {
  Client client = opened("/clock");
  for (int i = 1; i <= 40; ++i) {
    running_.pass(1s);
    EXPECT_EQ(client.until("\n\n"), "data: tick\nid: " + std::to_string(1'795'573'400 + i) + "\n\n");
  }
}

class Careless final : public Timer {
 public:
  using Timer::arm;

 private:
  void expired() override { throw 5; }
};

EventStream careless_with_its_loop(Loop& loop) {
  loop.post([] { throw 5; });
  loop.post([] { throw std::runtime_error("broken"); });
  Careless careless;
  careless.arm(loop.timers(), loop.now() + 1s);
  co_await loop.sleep(1s);
  co_yield Event("here");
}

TEST(GeneratorStream, WorkAndTimersThatThrowAreCountedAndNothingElseNotices) {
  RunningServer running([&](Server& server) {
    server.stream("/careless", [](Request, Loop& loop) { return careless_with_its_loop(loop); });
  });
  Client client = running.open("/careless");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_TRUE(running.reaches("tidings_failures_total", 2));
  running.pass(1s);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "here");
  EXPECT_EQ(running.metric("tidings_failures_total"), 3);
}

EventStream yields_short_ones_for_ever() {
  for (;;) co_yield Event("x");
}

TEST(GeneratorStream, ManyEndlessStreamsLeaveEachOtherTheirTurns) {
  RunningServer running(
      [&](Server& server) {
        server.stream("/endless", [](Request, Loop&) { return yields_short_ones_for_ever(); });
        server.stream("/two", [](Request, Loop&) { return ends_after_two(); });
      },
      {.threads = 1});
  Client endless = running.open("/endless");
  std::thread reader([&] {
    for (int i = 0; i < 20'000 && endless.event(); ++i) {
    }
  });
  Client client = running.open("/two");
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event()->data, "1");
  reader.join();
}

}  // namespace
}  // namespace tidings
