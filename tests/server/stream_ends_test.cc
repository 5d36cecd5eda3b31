// Why streams end, as metrics and an access log have it.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/streams/stream_end.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream returns() { co_yield Event("last"); }
EventStream fails() {
  co_yield Event("first");
  throw std::runtime_error("no more");
}
EventStream silent(Request, Loop& loop) {
  co_yield Event("first");
  co_await loop.sleep(1000h);
}
EventStream large() {
  for (;;) co_yield Event(std::string(1 << 20, 'x'));
}

// Keeps what it is told.
class Observer {
 public:
  OnStream on_stream() {
    return [this](const Request& request) -> OnStreamEnd {
      const std::lock_guard lock(mutex_);
      opened_.push_back(request.path);
      return [this](const StreamEnd& end) {
        const std::lock_guard lock(mutex_);
        ends_.push_back(end);
        has_ended_.notify_all();
      };
    };
  }
  std::vector<std::string> opened() {
    const std::lock_guard lock(mutex_);
    return opened_;
  }
  // Once it has been told of as many: an end is counted before.
  std::vector<StreamEnd> ends(std::size_t count) {
    std::unique_lock lock(mutex_);
    has_ended_.wait_for(lock, 10s, [&] { return ends_.size() >= count; });
    return ends_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_ended_;
  std::vector<std::string> opened_;
  std::vector<StreamEnd> ends_;
};

class StreamEndsTest : public testing::Test {
 protected:
  StreamEndsTest() {
    ServerOptions options{.threads = 1, .on_stream = observer_.on_stream()};
    options.channels.channel.history = {.max_events = 2, .max_bytes = 16 << 20};
    options.channels.channel.fallen_behind = FallenBehind::kDisconnect;
    running_.emplace(
        [](Server& server) {
          server.stream("/returns", [](Request, Loop&) { return returns(); });
          server.stream("/fails", [](Request, Loop&) { return fails(); });
          server.stream("/silent", silent);
          server.stream("/large", [](Request, Loop&) { return large(); });
          server.stream("/granted", silent,
                        [](const Request&) { return Grant{.until = Clock::WallTime(RunningServer::kStart) + 10min}; });
          server.serve_channels();
        },
        options);
  }

  static std::string metric(EndReason reason) {
    return "tidings_ended_streams_total{reason=\"" + std::string(name_of(reason)) + "\"}";
  }
  // What is told of the one stream that ends by this reason. Time passes in steps of half a second meanwhile.
  StreamEnd end(EndReason reason) {
    EXPECT_TRUE(running_->reaches("tidings_opened_streams_total", 1));  // no time passes for it before
    EXPECT_TRUE(running_->reaches_in_steps(500ms, metric(reason), 1));
    const std::vector<StreamEnd> ends = observer_.ends(1);
    EXPECT_EQ(ends.size(), 1);
    const StreamEnd end = ends.empty() ? StreamEnd() : ends.front();
    EXPECT_EQ(name_of(end.reason), name_of(reason));
    return end;
  }

  Observer observer_;
  std::optional<RunningServer> running_;
};

TEST_F(StreamEndsTest, AGeneratorReturns) {
  Client client = running_->open("/returns");
  const StreamEnd told = end(EndReason::kReturned);
  EXPECT_EQ(told.events, 1);
  EXPECT_EQ(told.bytes, client.rest().size());
  EXPECT_EQ(observer_.opened(), std::vector<std::string>{"/returns"});
}

TEST_F(StreamEndsTest, AGeneratorFails) {
  Client client = running_->open("/fails");
  EXPECT_EQ(end(EndReason::kFailed).events, 1);
}

TEST_F(StreamEndsTest, TheClientLeaves) {
  Client client = running_->open("/silent");
  EXPECT_TRUE(client.event());
  running_->pass(5s);
  client.close();
  const StreamEnd told = end(EndReason::kClientLeft);
  EXPECT_EQ(told.events, 1);
  EXPECT_GE(told.time, 5s);
}

TEST_F(StreamEndsTest, TheClientDoesNotRead) {
  Client client = running_->open("/large");
  EXPECT_GE(end(EndReason::kSlow).time, 30s);
  EXPECT_EQ(running_->metric("tidings_slow_disconnects_total"), 1);
}

TEST_F(StreamEndsTest, TheGrantEnds) {
  Client client = running_->open("/granted");
  EXPECT_TRUE(client.event());
  running_->pass(10min);
  EXPECT_EQ(end(EndReason::kGrantOver).events, 1);
}

TEST_F(StreamEndsTest, AClientIsBehindAllThatIsKept) {
  Client client = running_->open("/channels/news");
  EXPECT_EQ(client.event().value().type, "begin");
  const auto channel = running_->server().hub().channel("news");
  channel->publish(Event(std::string(8 << 20, 'x')));  // more than the socket takes
  EXPECT_TRUE(running_->reaches("tidings_blocked_streams", 1));
  for (const char* data : {"2", "3", "4"}) channel->publish(Event(data));
  client.rest();
  EXPECT_EQ(end(EndReason::kFallenBehind).events, 2);
  EXPECT_EQ(running_->metric("tidings_slow_disconnects_total"), 1);
}

TEST_F(StreamEndsTest, AChannelsEventsAreCountedForEachStream) {
  Client one = running_->open("/channels/news"), several = running_->open("/channels?name=news&name=olds");
  EXPECT_EQ(one.event().value().type, "begin");
  EXPECT_EQ(several.event().value().type, "begin");
  running_->server().hub().channel("news")->publish(Event("hello"));
  EXPECT_EQ(one.event().value().data, "hello");
  EXPECT_EQ(several.event().value().data, "hello");
  one.close();
  several.close();
  EXPECT_TRUE(running_->reaches(metric(EndReason::kClientLeft), 2));
  EXPECT_EQ(running_->metric("tidings_opened_streams_total"), 2);
  const std::vector<StreamEnd> ends = observer_.ends(2);
  EXPECT_EQ(ends.size(), 2);
  for (const StreamEnd& told : ends) EXPECT_EQ(told.events, 2);
}

TEST_F(StreamEndsTest, TheServerGoesAway) {
  Client client = running_->open("/silent");
  EXPECT_TRUE(client.event());
  std::promise<void> stopped;
  std::thread stopping([&] {
    running_->stop();
    stopped.set_value();
  });
  const std::future<void> has_stopped = stopped.get_future();
  while (has_stopped.wait_for(1ms) != std::future_status::ready) running_->step(100ms);
  stopping.join();
  ASSERT_EQ(observer_.ends(1).size(), 1);
  EXPECT_EQ(observer_.ends(1).front().reason, EndReason::kDrained);
}

TEST_F(StreamEndsTest, WhoIsRefusedOrAsksForTheHeadHasHadNoStream) {
  Client refused = running_->open("/channels/news?types=fancy");
  EXPECT_EQ(refused.response().status, 400);
  Client head = running_->connect();
  head.send("HEAD /silent HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(head.response(true).status, 200);
  EXPECT_TRUE(observer_.opened().empty());
  EXPECT_TRUE(observer_.ends(0).empty());
}

TEST(StreamEnds, WhatTheObserverThrowsTouchesNoStream) {
  const auto fails = [](const char* what) { throw std::runtime_error(what); };
  for (const OnStream& on_stream :
       {OnStream([&](const Request&) -> OnStreamEnd {
          fails("at its opening");
          return {};
        }),
        OnStream([&](const Request&) -> OnStreamEnd { return [&](const StreamEnd&) { fails("at its end"); }; })}) {
    RunningServer running([](Server& server) { server.stream("/returns", [](Request, Loop&) { return returns(); }); },
                          {.threads = 1, .on_stream = on_stream});
    Client client = running.open("/returns");
    EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "last");
    EXPECT_TRUE(running.reaches_in_steps(500ms, "tidings_streams", 0));
    EXPECT_TRUE(running.reaches("tidings_failures_total", 1));
  }
}

}  // namespace
}  // namespace tidings
