#include "tidings/server/awaiting/any_of.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tidings/server/awaiting/mailbox.h"
#include "tidings/server/awaiting/stopped.h"
#include "tidings/server/awaiting/task.h"
#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using Letters = Mailbox<std::string>;

EventStream tells_first(Letters& a, Letters& b, std::stop_token stop, Loop& loop) {
  for (;;) {
    auto first = co_await any_of(a.next(loop), b.next(loop), loop.sleep(1s), stopped(stop, loop));
    if (first.index() == 0) co_yield Event("a: " + *std::get<0>(first));
    if (first.index() == 1) co_yield Event("b: " + *std::get<1>(first));
    if (first.index() == 2) co_yield Event("nothing");
    if (first.index() == 3) co_return;
  }
}

class AnyOfTest : public testing::Test {
 protected:
  void turn() {
    while (manual_.turn()) {
    }
  }
  ManualLoop manual_;
  Loop& loop_ = manual_.loop();
  Letters a_, b_;
  std::stop_source stop_;
};

TEST_F(AnyOfTest, TheFirstThatComesIsToldAndTheOthersLoseNothing) {
  FakeClient client(tells_first(a_, b_, stop_.get_token(), loop_));
  b_.put("1");
  turn();
  a_.put("2");
  turn();
  a_.put("3");
  b_.put("4");
  turn();
  EXPECT_EQ(client.data(), (Texts{"b: 1", "a: 2", "a: 3", "b: 4"}));
  manual_.pass(1s);
  EXPECT_EQ(client.data().back(), "nothing");
  stop_.request_stop();
  turn();
  EXPECT_TRUE(client.has_ended());
}

TEST_F(AnyOfTest, OfThoseThatAreReadyTheFirstCountsAndNoneIsBegunBehindIt) {
  a_.put("1");
  b_.put("2");
  FakeClient client(tells_first(a_, b_, stop_.get_token(), loop_));
  EXPECT_EQ(client.data(), (Texts{"a: 1", "b: 2"}));
}

TEST_F(AnyOfTest, WhatHasLostIsCancelled) {
  FakeClient client(tells_first(a_, b_, stop_.get_token(), loop_));
  b_.put("1");
  turn();
  stop_.request_stop();
  turn();
  EXPECT_TRUE(client.has_ended());
  EXPECT_FALSE(loop_.timers().next_deadline()) << "the sleep";
}

Task<int> fails_after(std::chrono::seconds time, Loop& loop) {
  co_await loop.sleep(time);
  throw std::runtime_error("broken");
}
Task<int> gives_after(std::chrono::seconds time, Loop& loop) {
  co_await loop.sleep(time);
  co_return 7;
}
EventStream first_of_tasks(std::chrono::seconds failing, Loop& loop) {
  const auto first = co_await any_of(fails_after(failing, loop), gives_after(2s, loop));
  co_yield Event(std::to_string(std::get<1>(first)));
}

TEST_F(AnyOfTest, AnExceptionCountsWhereItIsTheFirst) {
  FakeClient fails(first_of_tasks(1s, loop_)), gives(first_of_tasks(3s, loop_));
  manual_.pass(1s);
  EXPECT_EQ(fails.failure(), "broken");
  manual_.pass(1s);
  EXPECT_EQ(gives.data(), Texts{"7"});
  EXPECT_FALSE(loop_.timers().next_deadline());
}

EventStream nested(Letters& letters, Loop& loop) {
  const auto first =
      co_await any_of(any_of(loop.sleep(5s), letters.next(loop)), with_timeout(gives_after(3s, loop), 2s, loop));
  if (first.index() == 0) {
    co_yield Event("letter: " + std::get<1>(std::get<0>(first)).value_or(""));
  } else {
    const std::string text = std::get<1>(first) ? "seven" : "too late";
    co_yield Event(text);
  }
}

TEST_F(AnyOfTest, TheyMayStandInEachOther) {
  FakeClient letter(nested(a_, loop_)), late(nested(b_, loop_));
  a_.put("x");
  turn();
  manual_.pass(2s);
  EXPECT_EQ(letter.data(), Texts{"letter: x"});
  EXPECT_EQ(late.data(), Texts{"too late"});
  EXPECT_FALSE(loop_.timers().next_deadline());
}

EventStream named(Letters& letters, Loop& loop) {
  auto next = letters.next(loop);
  auto either = any_of(std::move(next), loop.sleep(1s));
  const auto first = co_await std::move(either);
  co_yield Event(std::get<0>(first).value_or("") + " once");
  co_await loop.sleep(1h);
}

TEST_F(AnyOfTest, WhatHasANameMayBeMovedIn) {
  FakeClient client(named(a_, loop_));
  a_.put("x");
  turn();
  EXPECT_EQ(client.data(), Texts{"x once"});
}

// One that begins brings about what another has begun to wait for.
Task<> puts_letter(Letters& letters, ManualLoop& manual) {
  letters.put("from inside");
  manual.turn();
  co_await manual.loop().sleep(1h);
}
EventStream brought_about(Letters& letters, ManualLoop& manual) {
  const auto first = co_await any_of(letters.next(manual.loop()), puts_letter(letters, manual));
  co_yield Event(std::get<0>(first).value_or(""));
}

TEST_F(AnyOfTest, OneThatComesWhileTheOthersBeginCounts) {
  const FakeClient client(brought_about(a_, manual_));
  EXPECT_EQ(client.data(), Texts{"from inside"});
}

EventStream tries(Letters& letters, Loop& loop) {
  while (auto letter = co_await with_timeout(letters.next(loop), 2s, loop)) co_yield Event(letter->value_or("end"));
  const bool has_slept = co_await with_timeout(loop.sleep(1s), 2s, loop);
  const bool has_slept_long = co_await with_timeout(loop.sleep(3s), 2s, loop);
  const std::string text = has_slept && !has_slept_long ? "right" : "wrong";
  co_yield Event(text);
}

TEST_F(AnyOfTest, ATimeoutIsAnEmptyOptionalOrFalse) {
  FakeClient client(tries(a_, loop_));
  a_.put("1");
  turn();
  manual_.pass(1s);
  a_.put("2");
  turn();
  EXPECT_EQ(client.data(), (Texts{"1", "2"}));
  manual_.pass(2s);
  manual_.pass(1s);
  manual_.pass(2s);
  EXPECT_EQ(client.data().back(), "right");
}

EventStream with_no_time(Letters& letters, Loop& loop) {
  for (int i = 0; i < 2; ++i) {
    const auto letter = co_await with_timeout(letters.next(loop), 0s, loop);
    const std::string text = letter ? letter->value_or("end") : "nothing";
    co_yield Event(text);
  }
}

TEST_F(AnyOfTest, WhatIsReadyIsNeverTooLate) {
  a_.put("1");
  FakeClient client(with_no_time(a_, loop_));
  EXPECT_EQ(client.data(), Texts{"1"});
  manual_.pass(0s);
  EXPECT_EQ(client.data(), (Texts{"1", "nothing"}));
}

}  // namespace
}  // namespace tidings
