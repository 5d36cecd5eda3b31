// Channels inside generators, against a running server.
#include "tidings/server/subscribers/subscription.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using Channels = std::vector<std::shared_ptr<Channel>>;

EventStream passes_on(Channels channels, Loop& loop, std::optional<std::string> last_event_id) {
  Subscription subscription(std::move(channels), loop, last_event_id);
  while (auto event = co_await subscription.next()) co_yield *event;
}

class SubscriptionTest : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions options;
    options.channels.channel.history.max_events = 10;
    return options;
  }
  static std::optional<std::string> id_of(const Request& request) {
    const auto id = request.header("Last-Event-ID");
    return id ? std::optional<std::string>(*id) : std::nullopt;
  }
  std::shared_ptr<Channel> channel(std::string_view name) { return running_.server().hub().channel(name); }
  Client follow(std::string_view target, std::string_view last_event_id = {}) {
    Client client = running_.connect();
    std::string request = "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n";
    if (!last_event_id.empty()) request.append("Last-Event-ID: ").append(last_event_id).append("\r\n");
    client.send(request + "\r\n");
    EXPECT_EQ(client.head().status, 200);
    if (last_event_id.empty()) {
      const auto begin = client.event();
      EXPECT_TRUE(begin && begin->type == "begin");
      if (begin) begin_ = begin->last_event_id;
    }
    return client;
  }

  std::string begin_;  // where the last to follow without an id was told that it begins
  RunningServer running_{[](Server& server) {
                           Hub& hub = server.hub();
                           server.stream("/one", [&hub](Request request, Loop& loop) {
                             return passes_on({hub.channel("a")}, loop, id_of(request));
                           });
                           server.stream("/two", [&hub](Request request, Loop& loop) {
                             return passes_on({hub.channel("a"), hub.channel("b")}, loop, id_of(request));
                           });
                         },
                         options()};
};

TEST_F(SubscriptionTest, AGeneratorGetsWhatIsPublished) {
  Client client = follow("/one");
  const std::string first = channel("a")->publish(Event("tick", "1\n2"));
  EXPECT_EQ(client.event(), (ClientEvent{"tick", "1\n2", first}));
  const std::string second = channel("a")->publish(Event(""));
  EXPECT_EQ(client.event(), (ClientEvent{"message", "", second}));
}

TEST_F(SubscriptionTest, ItGoesOnBehindTheLastEventId) {
  const std::string id = channel("a")->publish(Event("1"));
  channel("a")->publish(Event("2"));
  Client client = follow("/one", id);
  channel("a")->publish(Event("3"));
  EXPECT_EQ(client.event()->data, "2");
  EXPECT_EQ(client.event()->data, "3");
}

TEST_F(SubscriptionTest, WhoHasHadNoEventYetHasAPlaceToComeBackTo) {
  for (const char* target : {"/one", "/two"}) {
    follow(target).close();
    channel("a")->publish(Event("meanwhile"));
    EXPECT_EQ(follow(target, begin_).event()->data, "meanwhile") << target;
  }
}

EventStream from_now_on(std::shared_ptr<Channel> channel, Loop& loop) {
  Subscription subscription(std::move(channel), loop);
  while (auto event = co_await subscription.next()) co_yield *event;
}

TEST_F(SubscriptionTest, WhoAsksForNoPlaceIsToldOfNone) {
  RunningServer running([](Server& server) {
    server.stream("/now", [&hub = server.hub()](Request, Loop& loop) { return from_now_on(hub.channel("a"), loop); });
  });
  Client client = running.open("/now");
  client.head();
  running.server().hub().channel("a")->publish(Event("1"));
  EXPECT_EQ(client.event()->data, "1");
}

TEST_F(SubscriptionTest, AGapIsToldOnce) {
  const auto gap = follow("/one", "zzzzzzzz-7").event();
  ASSERT_TRUE(gap && gap->type == "gap");
  Client again = follow("/one", gap->last_event_id);
  channel("a")->publish(Event("1"));
  EXPECT_EQ(again.event()->data, "1");
}

TEST_F(SubscriptionTest, AReconnectionTimeIsPassedOn) {
  Client client = follow("/two");
  channel("a")->publish(Event("typed", "1").with_reconnection_time(std::chrono::milliseconds(1500)));
  const auto event = client.event();
  EXPECT_EQ(event->type, "a/typed");
  EXPECT_EQ(client.reconnection_time(), std::chrono::milliseconds(1500));
}

// A loop decodes an event once for all of its followers, and each gets its own all the same.
TEST_F(SubscriptionTest, EachOfManyGetsItsOwnEvents) {
  std::vector<Client> ones, twos;
  for (int i = 0; i < 4; ++i) {  // on both loops
    ones.push_back(follow("/one"));
    twos.push_back(follow("/two"));
  }
  const auto expect = [](std::vector<Client>& clients, std::string_view type, std::string_view data) {
    for (Client& client : clients) {
      const auto event = client.event();
      ASSERT_TRUE(event);
      EXPECT_EQ(event->type, type);
      EXPECT_EQ(event->data, data);
    }
  };
  for (int i = 0; i < 40; ++i) {  // four times as many as are kept
    const std::string number = std::to_string(i);
    channel("a")->publish(Event("x" + number));
    channel("b")->publish(Event("y" + number).with_reconnection_time(std::chrono::milliseconds(1000 + i)));
    channel("a")->publish(Event("z" + number));
    expect(ones, "message", "x" + number);
    expect(ones, "message", "z" + number);
    for (Client& client : twos) {
      std::vector<std::string> data;
      for (int events = 0; events < 3; ++events) data.push_back(client.event()->data);
      std::sort(data.begin(), data.end());
      EXPECT_EQ(data, (std::vector<std::string>{"x" + number, "y" + number, "z" + number}));
    }
  }
  for (Client& client : ones) EXPECT_NE(client.reconnection_time(), std::chrono::milliseconds(1039));
  for (Client& client : twos) EXPECT_EQ(client.reconnection_time(), std::chrono::milliseconds(1039));
}

// The channel says so: whoever has fallen behind is to come back. A last chunk would tell some clients not to.
TEST(Subscription, WhoFallsBehindWhereThatDisconnectsIsCutOff) {
  ServerOptions options;
  options.channels.channel = {.history = {.max_events = 2}, .fallen_behind = FallenBehind::kDisconnect};
  RunningServer running(
      [](Server& server) {
        server.stream("/now",
                      [&hub = server.hub()](Request, Loop& loop) { return from_now_on(hub.channel("a"), loop); });
      },
      options);
  const std::shared_ptr<Channel> channel = running.server().hub().channel("a");
  Client client = running.open("/now");
  client.head();
  const std::string large(4 << 20, 'x');  // more than the sockets take while nobody reads
  for (int i = 0; i < 8; ++i) channel->publish(Event(large));
  std::size_t events = 0;
  while (client.event()) ++events;
  EXPECT_LT(events, 8u);
  EXPECT_TRUE(client.is_ended());
  EXPECT_FALSE(client.has_whole_body());
  EXPECT_EQ(running.metric("tidings_generator_failures_total"), 0);
}

TEST_F(SubscriptionTest, WhatIsGoneIsAGapEvent) {
  const std::string id = channel("a")->publish(Event("1"));
  for (int i = 2; i <= 13; ++i) channel("a")->publish(Event(std::to_string(i)));
  Client client = follow("/one", id);
  EXPECT_EQ(client.event()->type, "gap");
  for (int i = 4; i <= 13; ++i) EXPECT_EQ(client.event()->data, std::to_string(i));
}

TEST_F(SubscriptionTest, SeveralChannelsAreMergedAndResumed) {
  Client client = follow("/two");
  const std::string a = channel("a")->publish(Event("1"));
  EXPECT_EQ(client.event()->type, "a");
  const std::string b = channel("b")->publish(Event("tick", "2"));
  EXPECT_EQ(client.event(), (ClientEvent{"b/tick", "2", "a:" + a + ",b:" + b}));
  client.close();
  channel("a")->publish(Event("3"));
  channel("b")->publish(Event("4"));
  Client returning = follow("/two", "a:" + a + ",b:" + b);
  std::vector<std::string> data{returning.event()->data, returning.event()->data};
  if (data[0] == "4") std::swap(data[0], data[1]);
  EXPECT_EQ(data, (std::vector<std::string>{"3", "4"}));
}

TEST_F(SubscriptionTest, ManyPublishersAndLeavingClientsAreSafe) {
  std::atomic<bool> is_over = false;
  std::vector<std::thread> publishers;
  for (int p = 0; p < 3; ++p) {
    publishers.emplace_back([&is_over, a = channel("a"), b = channel("b")] {
      for (int i = 0; !is_over; ++i) (i % 2 ? a : b)->publish(Event("x"));
    });
  }
  for (int i = 0; i < 100; ++i) {
    Client client = follow("/two");
    EXPECT_TRUE(i % 3 != 0 || client.event());
  }
  is_over = true;
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_TRUE(running_.reaches("tidings_frames", 0));
}

TEST(Subscription, ToNoChannelIsRefused) {
  const SystemClock clock;
  Loop loop(clock);
  EXPECT_THROW(Subscription(Subscription::Channels(), loop), std::invalid_argument);
  EXPECT_THROW(Subscription(nullptr, loop), std::invalid_argument);
}

}  // namespace
}  // namespace tidings
