#include "tidings/server/loop/outbox.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

class Sender final : public Outbox::Sender {
 public:
  void on_sent(const BatchSender::Send& sent) override {
    told.emplace_back(sent.bytes);
    results.push_back(sent.result);
    if (then) then();
  }

  std::vector<std::string> told;
  std::vector<int> results;
  std::function<void()> then;
};

class OutboxTest : public testing::Test {
 protected:
  bool add(std::size_t who, std::string_view bytes) { return outbox_.add(senders_[who], pairs_[who].socket(), bytes); }
  void turn() { loop_.context().poll(); }

  ManualClock clock_{Clock::WallTime()};
  EventLoop loop_{clock_, 1};
  Outbox& outbox_ = loop_.outbox();
  std::vector<SocketPair> pairs_{3};
  std::vector<Sender> senders_{3};
};

TEST_F(OutboxTest, WhatIsAddedInOneTurnLeavesAtItsEndAndEachIsTold) {
  EXPECT_TRUE(add(0, "zero"));
  EXPECT_TRUE(add(1, "one"));
  EXPECT_TRUE(add(2, "two"));
  EXPECT_EQ(pairs_[0].received(), "");
  turn();
  EXPECT_EQ(pairs_[0].received(), "zero");
  EXPECT_EQ(pairs_[1].received(), "one");
  EXPECT_EQ(pairs_[2].received(), "two");
  EXPECT_EQ(senders_[1].told, std::vector<std::string>{"one"});
  EXPECT_EQ(senders_[1].results, std::vector{3});
}

TEST_F(OutboxTest, OneThatIsGoneIsToldOfAnErrorAndHoldsUpNobody) {
  pairs_[1].leave();
  EXPECT_TRUE(add(0, "zero"));
  EXPECT_TRUE(add(1, "one"));
  EXPECT_TRUE(add(2, "two"));
  turn();
  EXPECT_EQ(senders_[1].results, std::vector{-EPIPE});
  EXPECT_EQ(pairs_[2].received(), "two");
}

TEST_F(OutboxTest, WhatIsForgottenIsNeitherSentNorTold) {
  EXPECT_TRUE(add(0, "zero"));
  EXPECT_TRUE(add(1, "one"));
  outbox_.forget(senders_[0]);
  turn();
  EXPECT_EQ(pairs_[0].received(), "");
  EXPECT_TRUE(senders_[0].told.empty());
  EXPECT_EQ(pairs_[1].received(), "one");
}

TEST_F(OutboxTest, WhoIsForgottenWhileOthersAreToldIsNotTold) {
  EXPECT_TRUE(add(0, "zero"));
  EXPECT_TRUE(add(1, "one"));
  EXPECT_TRUE(add(2, "two"));
  senders_[0].then = [this] { outbox_.forget(senders_[1]); };
  turn();
  EXPECT_TRUE(senders_[1].told.empty());
  EXPECT_EQ(senders_[2].told, std::vector<std::string>{"two"});
}

TEST_F(OutboxTest, WhoIsToldMayAddTheNext) {
  senders_[0].then = [this] {
    if (senders_[0].told.size() < 3) add(0, "again ");
  };
  EXPECT_TRUE(add(0, "first "));
  EXPECT_TRUE(add(1, "one"));
  turn();
  EXPECT_EQ(pairs_[0].received(), "first again again ");
  EXPECT_EQ(senders_[1].told.size(), 1u);
}

// Whoever follows a channel by a generator keeps up with its publishers, and who never waits leaves the others their
// turn.
TEST_F(OutboxTest, WhoAlwaysHasMoreGoesOnForSomeRoundsOfATurn) {
  senders_[0].then = [this] { add(0, "x"); };
  EXPECT_TRUE(add(0, "x"));
  bool has_turned = false;
  loop_.post([&] { has_turned = true; });
  loop_.post([&] { EXPECT_EQ(senders_[0].told.size(), 64u); });
  loop_.context().poll_one();
  EXPECT_EQ(senders_[0].told.size(), 64u);
  EXPECT_FALSE(has_turned);
  loop_.context().poll_one();
  EXPECT_TRUE(has_turned);
  loop_.context().poll_one();
  loop_.context().poll_one();
  EXPECT_EQ(senders_[0].told.size(), 128u);

  senders_[0].then = [this] {
    clock_.advance(std::chrono::milliseconds(1));
    add(0, "x");
  };
  loop_.context().poll_one();
  EXPECT_EQ(senders_[0].told.size(), 130u);
  senders_[0].then = nullptr;
  turn();
}

TEST_F(OutboxTest, ItsMemoryIsBounded) {
  const std::string large(200 * 1024, 'x');
  EXPECT_TRUE(add(0, large));
  EXPECT_FALSE(add(1, large));
  EXPECT_TRUE(add(1, "small"));
  turn();
  EXPECT_TRUE(add(1, large));  // there is room again
  turn();

  std::vector<Sender> many(2000);
  std::size_t taken = 0;
  for (Sender& each : many) taken += outbox_.add(each, pairs_[2].socket(), "x") ? 1u : 0u;
  EXPECT_EQ(taken, 1024u);
  turn();
  std::size_t told = 0;
  for (const Sender& each : many) told += each.told.size();
  EXPECT_EQ(told, taken);
}

}  // namespace
}  // namespace tidings
