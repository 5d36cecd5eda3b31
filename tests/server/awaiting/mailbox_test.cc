#include "tidings/server/awaiting/mailbox.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {
namespace {

using Texts = std::vector<std::string>;
using Numbers = Mailbox<int>;

EventStream passes_on(Numbers& numbers, Loop& loop) {
  while (const auto number = co_await numbers.next(loop)) co_yield Event(std::to_string(*number));
}

class MailboxTest : public testing::Test {
 protected:
  void turn() {
    while (manual_.turn()) {
    }
  }
  // What of three messages is in it that has room for two, when somebody comes.
  Texts left_of_three(WhenFull when_full, bool& third_is_in) {
    Numbers numbers({.max = 2, .when_full = when_full});
    EXPECT_TRUE(numbers.put(1));
    EXPECT_TRUE(numbers.put(2));
    third_is_in = numbers.put(3);
    lost_ = numbers.lost();
    numbers.close();
    const FakeClient client(passes_on(numbers, loop_));
    EXPECT_TRUE(client.has_ended());
    return client.data();
  }

  ManualLoop manual_;
  Loop& loop_ = manual_.loop();
  std::uint64_t lost_ = 0;
};

TEST_F(MailboxTest, MessagesComeInOrderEachOnce) {
  Numbers numbers;
  FakeClient client(passes_on(numbers, loop_));
  numbers.put(1);
  numbers.put(2);
  EXPECT_TRUE(client.data().empty()) << "not within put()";
  turn();
  numbers.put(3);
  turn();
  EXPECT_EQ(client.data(), (Texts{"1", "2", "3"}));
  EXPECT_EQ(numbers.size(), 0u);
}

TEST_F(MailboxTest, WhatBecomesOfAMessageWithoutRoomIsItsRule) {
  bool third_is_in = false;
  EXPECT_EQ(left_of_three(WhenFull::kDropOldest, third_is_in), (Texts{"2", "3"}));
  EXPECT_TRUE(third_is_in);
  EXPECT_EQ(lost_, 1u);
  EXPECT_EQ(left_of_three(WhenFull::kDropNewest, third_is_in), (Texts{"1", "2"}));
  EXPECT_TRUE(third_is_in);
  EXPECT_EQ(lost_, 1u);
  EXPECT_EQ(left_of_three(WhenFull::kRefuse, third_is_in), (Texts{"1", "2"}));
  EXPECT_FALSE(third_is_in);
  EXPECT_EQ(lost_, 0u);
  EXPECT_THROW(Numbers({.max = 0}), std::invalid_argument);
}

TEST_F(MailboxTest, ARefusedMessageIsAsItWas) {
  Mailbox<std::unique_ptr<int>> mailbox({.max = 1, .when_full = WhenFull::kRefuse});
  EXPECT_TRUE(mailbox.put(std::make_unique<int>(1)));
  auto refused = std::make_unique<int>(2);
  EXPECT_FALSE(mailbox.put(std::move(refused)));
  ASSERT_TRUE(refused);
  EXPECT_EQ(*refused, 2);
}

TEST_F(MailboxTest, WhoWaitsWhenItIsClosedOrGoneHasAnEnd) {
  Numbers closed;
  auto gone = std::make_unique<Numbers>();
  const FakeClient first(passes_on(closed, loop_)), second(passes_on(*gone, loop_));
  closed.close();
  EXPECT_FALSE(closed.put(1));
  gone = nullptr;
  manual_.turn();
  EXPECT_TRUE(first.has_ended());
  EXPECT_TRUE(second.has_ended());
}

EventStream passes_on_shared(std::shared_ptr<Numbers> numbers, Loop& loop) {
  while (const auto number = co_await numbers->next(loop)) co_yield Event(std::to_string(*number));
}

TEST_F(MailboxTest, EachMessageGoesToOneOfThoseWhoWait) {
  const auto numbers = std::make_shared<Numbers>(Numbers::Options{.max = 100});
  const FakeClient first(passes_on_shared(numbers, loop_)), second(passes_on_shared(numbers, loop_));
  ManualLoop other;
  const FakeClient third(passes_on_shared(numbers, other.loop()));
  for (int i = 0; i < 100; ++i) {
    numbers->put(i);
    if (i % 3 == 0) turn();
    if (i % 5 == 0) other.turn();
  }
  turn();
  EXPECT_EQ(first.data().size() + second.data().size() + third.data().size(), 100u);
}

TEST_F(MailboxTest, ManyThreadsAndTwoLoopsLoseNothing) {
  constexpr int kEach = 10'000;
  const auto numbers = std::make_shared<Numbers>(Numbers::Options{.max = 1'000'000});
  std::size_t here = 0, there = 0;
  std::thread other([&] {
    ManualLoop manual;
    const FakeClient client(passes_on_shared(numbers, manual.loop()));
    while (!client.has_ended()) manual.turn();
    there = client.data().size();
  });
  std::vector<std::thread> senders;
  for (int i = 0; i < 3; ++i) {
    senders.emplace_back([&] {
      for (int number = 0; number < kEach; ++number) numbers->put(number);
    });
  }
  std::thread closer([&] {
    for (std::thread& sender : senders) sender.join();
    numbers->close();
  });
  const FakeClient client(passes_on_shared(numbers, loop_));
  while (!client.has_ended()) manual_.turn();
  here = client.data().size();
  closer.join();
  other.join();
  EXPECT_EQ(here + there, std::size_t{3} * kEach);
}

}  // namespace
}  // namespace tidings
