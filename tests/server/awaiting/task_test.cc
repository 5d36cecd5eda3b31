#include "tidings/server/awaiting/task.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/testing/fake_client.h"
#include "tidings/server/testing/manual_loop.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

Task<std::string> greeting(std::string name, Loop& loop) {
  co_await loop.sleep(1s);
  co_return "Hello, " + name;
}
Task<std::unique_ptr<std::string>> greeting_twice(std::string name, Loop& loop) {
  const std::string first = co_await greeting(name, loop);
  co_return std::make_unique<std::string>(first + "; " + co_await greeting(name, loop));
}
Task<> nothing() { co_return; }
Task<int> number(int n) { co_return n; }
Task<> fails(Loop& loop) {
  co_await loop.sleep(1s);
  throw std::runtime_error("broken");
}

EventStream greets(Loop& loop) {
  const auto text = co_await greeting_twice("Ada", loop);
  co_yield Event(*text);
}

class TaskTest : public testing::Test {
 protected:
  ManualLoop manual_;
  Loop& loop_ = manual_.loop();
};

TEST_F(TaskTest, ItsResultComesFromWhateverDepth) {
  FakeClient client(greets(loop_));
  manual_.pass(1s);
  EXPECT_TRUE(client.data().empty());
  manual_.pass(1s);
  EXPECT_EQ(client.data(), std::vector<std::string>{"Hello, Ada; Hello, Ada"});
}

EventStream catches(Loop& loop) {
  std::string caught = "nothing";
  try {
    co_await fails(loop);
  } catch (const std::runtime_error& error) {
    caught = error.what();
  }
  co_yield Event(caught);
  co_await fails(loop);
}

TEST_F(TaskTest, WhatItThrowsIsThrownWhereItIsAwaited) {
  FakeClient client(catches(loop_));
  manual_.pass(1s);
  EXPECT_EQ(client.data(), std::vector<std::string>{"broken"});
  manual_.pass(1s);
  EXPECT_EQ(client.failure(), "broken");
}

Task<> notes(std::vector<std::string>& log, Loop& loop) {
  log.push_back("begun");
  struct AtTheEnd {
    ~AtTheEnd() { log.push_back("destroyed"); }
    std::vector<std::string>& log;
  } const at_the_end{log};
  co_await loop.sleep(1s);
  log.push_back("ended");
}
EventStream awaits_later(std::vector<std::string>& log, Loop& loop) {
  Task<> task = notes(log, loop);
  co_await loop.sleep(1s);
  co_await std::move(task);
  co_yield Event("done");
}

TEST_F(TaskTest, ItBeginsWhenItIsAwaitedAndGoesWithItsGenerator) {
  std::vector<std::string> log;
  {
    const FakeClient client(awaits_later(log, loop_));
    EXPECT_TRUE(log.empty());
    manual_.pass(1s);
    EXPECT_EQ(log, std::vector<std::string>{"begun"});
  }
  EXPECT_EQ(log, (std::vector<std::string>{"begun", "destroyed"}));
  manual_.pass(1s);
  EXPECT_EQ(log.size(), 2u);
}

EventStream awaits_wrongly(bool empty) {
  Task<int> task = number(1);
  Task<int> other = std::move(task);
  if (!empty) co_await other;
  Task<int>& again = empty ? task : other;
  co_await again;
}

TEST_F(TaskTest, ASecondTimeAndAnEmptyOneAreExceptionsThatSaySo) {
  for (const bool empty : {true, false}) {
    const FakeClient client(awaits_wrongly(empty));
    EXPECT_EQ(client.failure(), "A Task is awaited once, and not after it was moved from.");
  }
}

EventStream awaits_many(int& sum) {
  for (int i = 0; i < 1'000'000; ++i) {
    co_await nothing();
    sum += co_await number(1);
  }
  co_yield Event(std::to_string(sum));
}

TEST_F(TaskTest, AMillionThatWaitForNothingDoNotGrowTheStack) {
  int sum = 0;
  const FakeClient client(awaits_many(sum));
  EXPECT_EQ(client.data(), std::vector<std::string>{"1000000"});
}

Task<int> down(int depth, Loop& loop) {
  if (depth == 0) {
    co_await loop.sleep(1s);
    co_return 0;
  }
  const int below = co_await down(depth - 1, loop);
  co_return below + 1;
}
EventStream goes_down(Loop& loop) { co_yield Event(std::to_string(co_await down(1000, loop))); }

TEST_F(TaskTest, AThousandInEachOther) {
  FakeClient client(goes_down(loop_));
  manual_.pass(1s);
  EXPECT_EQ(client.data(), std::vector<std::string>{"1000"});
  const FakeClient left(goes_down(loop_));
}

// Whether code of the application runs, as a stream's step watch has it.
class Steps final : private EventStream::Consumer {
 public:
  void run(EventStream stream) {
    stream_ = std::move(stream);
    stream_.set_consumer(this);
    runs = true;
    stream_.pull();
  }
  bool runs = false;
  int waits = 0;

 private:
  void on_ready() override { runs = false; }
  void on_awaiting() override {
    runs = false;
    ++waits;
  }
  void on_resumed() override { runs = true; }
  EventStream stream_;
};

Task<> steps(const Steps& told, Loop& loop) {
  EXPECT_TRUE(told.runs);
  co_await loop.sleep(1s);
  EXPECT_TRUE(told.runs);
}
EventStream steps_of_both(const Steps& told, Loop& loop) {
  EXPECT_TRUE(told.runs);
  co_await steps(told, loop);
  EXPECT_TRUE(told.runs);
  co_yield Event("done");
}

TEST_F(TaskTest, ItsStepsAreToldLikeThoseOfItsGenerator) {
  Steps told;
  told.run(steps_of_both(told, loop_));
  EXPECT_FALSE(told.runs);
  EXPECT_EQ(told.waits, 2);
  manual_.pass(1s);
  EXPECT_FALSE(told.runs);
  EXPECT_EQ(told.waits, 3);
}

}  // namespace
}  // namespace tidings
