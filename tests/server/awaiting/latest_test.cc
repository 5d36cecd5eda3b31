#include "tidings/server/awaiting/latest.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tidings/server/server.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

EventStream follows(Latest<int>& latest, Loop& loop) {
  auto number = latest.follow(loop);
  while (const auto newest = co_await number.next()) co_yield Event(std::to_string(*newest));
}
EventStream follows_slowly(Latest<int>& latest, Loop& loop) {
  auto number = latest.follow(loop);
  while (const auto newest = co_await number.next()) {
    co_yield Event(std::to_string(*newest));
    co_await loop.sleep(1s);
  }
}

class LatestTest : public testing::Test {
 protected:
  int turns() {
    int turns = 0;
    while (manual_.turn()) ++turns;
    return turns;
  }
  ManualLoop manual_;
  Loop& loop_ = manual_.loop();
};

TEST_F(LatestTest, WhoComesHasTheNewestAtOnceAndThenWhatIsSet) {
  Latest<int> latest(1);
  const FakeClient client(follows(latest, loop_));
  EXPECT_EQ(client.data(), Texts{"1"});
  latest.set(2);
  EXPECT_EQ(client.data(), Texts{"1"}) << "not within set()";
  turns();
  latest.set(2);  // an event too
  turns();
  EXPECT_EQ(client.data(), (Texts{"1", "2", "2"}));
  EXPECT_EQ(latest.get(), 2);
}

TEST_F(LatestTest, WithoutAValueAllWait) {
  Latest<int> latest;
  EXPECT_EQ(latest.get(), std::nullopt);
  const FakeClient client(follows(latest, loop_));
  EXPECT_TRUE(client.data().empty());
}

TEST_F(LatestTest, EachHasTheNewestAtItsOwnPace) {
  Latest<int> latest;
  const FakeClient fast(follows(latest, loop_)), slow(follows_slowly(latest, loop_));
  for (int i = 1; i <= 5; ++i) {
    latest.set(i);
    turns();
  }
  EXPECT_EQ(fast.data(), (Texts{"1", "2", "3", "4", "5"}));
  EXPECT_EQ(slow.data(), Texts{"1"});
  manual_.pass(1s);
  EXPECT_EQ(slow.data(), (Texts{"1", "5"}));
  manual_.pass(1s);
  EXPECT_EQ(slow.data().size(), 2u);
}

TEST_F(LatestTest, WhatIsSetBeforeTheLoopsTurnWakesItOnceAndIsOneEvent) {
  Latest<int> latest;
  std::list<FakeClient> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(follows(latest, loop_));
  for (int i = 0; i < 1000; ++i) latest.set(i);
  EXPECT_EQ(turns(), 1);
  for (const FakeClient& each : clients) EXPECT_EQ(each.data(), Texts{"999"});
}

TEST_F(LatestTest, AtAPaceAllAreWokenTogetherWithTheNewest) {
  Latest<int> latest(1, Pace{33ms});
  const FakeClient first(follows(latest, loop_)), second(follows(latest, loop_));
  EXPECT_EQ(first.data(), Texts{"1"}) << "what is there does not wait";
  for (int i = 2; i <= 10; ++i) {
    latest.set(i);
    turns();
    manual_.pass(10ms);
    turns();
  }
  EXPECT_EQ(first.data(), (Texts{"1", "5", "9"}));
  EXPECT_EQ(second.data(), first.data());
  const FakeClient third(follows(latest, loop_));
  EXPECT_EQ(third.data(), Texts{"10"});
}

TEST_F(LatestTest, WhenItIsGoneItsFollowersHaveTheLastValueAndAnEnd) {
  auto latest = std::make_unique<Latest<int>>();
  const FakeClient waiting(follows(*latest, loop_)), sleeping(follows_slowly(*latest, loop_));
  latest->set(1);
  turns();
  latest->set(2);
  latest = nullptr;
  turns();
  manual_.pass(1s);
  manual_.pass(1s);
  EXPECT_EQ(waiting.data(), (Texts{"1", "2"}));
  EXPECT_EQ(sleeping.data(), (Texts{"1", "2"}));
  EXPECT_TRUE(waiting.has_ended() && sleeping.has_ended());
}

TEST_F(LatestTest, FollowersLeaveWhileOthersAreWoken) {
  Latest<int> latest;
  std::list<FakeClient> clients;
  for (int i = 0; i < 200; ++i) {
    const auto leaves_after = i % 3 == 0 ? std::optional<std::size_t>(1) : std::nullopt;
    clients.emplace_back(follows(latest, loop_), leaves_after);
  }
  latest.set(1);
  manual_.turn();  // some of them
  clients.erase(clients.begin(), std::next(clients.begin(), 50));
  turns();
  latest.set(2);
  turns();
  for (const FakeClient& each : clients) {
    EXPECT_EQ(each.data().size(), each.has_left() ? 1u : 2u);
  }
}

// The loop goes while another thread sets on.
TEST(Latest, AThreadThatSetsAndLoopsThatGoAreSafeTogether) {
  Latest<int> latest;
  std::atomic<bool> is_over = false;
  std::thread setter([&] {
    for (int i = 0; !is_over; ++i) latest.set(i);
  });
  for (int i = 0; i < 100; ++i) {
    ManualLoop manual;
    std::list<FakeClient> clients;
    for (int n = 0; n < 5; ++n) clients.emplace_back(follows(latest, manual.loop()));
    while (clients.back().data().size() < 3) manual.turn();
    for (const FakeClient& each : clients) {
      for (std::size_t n = 1; n < each.data().size(); ++n) {
        EXPECT_LT(std::stoi(each.data()[n - 1]), std::stoi(each.data()[n]));
      }
    }
  }
  is_over = true;
  setter.join();
}

EventStream follows_large(Latest<std::string>& latest, Loop& loop) {
  auto text = latest.follow(loop);
  while (const auto newest = co_await text.next()) co_yield Event(*newest);
}

TEST(Latest, WhoDoesNotReadMissesWhatComesInBetweenAndThenHasTheNewest) {
  Latest<std::string> latest;
  RunningServer running([&](Server& server) {
    server.stream("/latest", [&](Request, Loop& loop) { return follows_large(latest, loop); });
  });
  Client client = running.open("/latest");
  EXPECT_EQ(client.head().status, 200);
  const std::string large(1 << 20, 'x');
  int number = 0;
  while (running.metric("tidings_blocked_streams") == 0) latest.set(std::to_string(number++) + ' ' + large);
  const std::int64_t events = running.metric("tidings_events_total");
  for (int i = 0; i < 100; ++i) latest.set(std::to_string(number++) + ' ' + large);
  latest.set("the last");
  EXPECT_EQ(running.metric("tidings_events_total"), events);
  std::int64_t received = 0;
  for (auto event = client.event(); event && event->data != "the last"; event = client.event()) ++received;
  EXPECT_LE(received, events);
}

}  // namespace
}  // namespace tidings
