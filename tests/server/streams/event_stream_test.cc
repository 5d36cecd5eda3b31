// The contract of a generator, on its own: no socket, no loop.
#include "tidings/server/streams/event_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/loop/loop.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using std::chrono::seconds;

// Tells what became of a generator's frame.
class Witness {
 public:
  explicit Witness(std::vector<std::string>& log, std::string name) : log_(&log), name_(std::move(name)) {}
  Witness(Witness&& other) noexcept : log_(std::exchange(other.log_, nullptr)), name_(std::move(other.name_)) {}
  ~Witness() {
    if (log_) log_->push_back(name_ + " destroyed");
  }

 private:
  std::vector<std::string>* log_;
  std::string name_;
};

std::string data_of(const EventStream& stream) { return stream.event() ? std::string(stream.event()->data()) : "none"; }

EventStream count_to(int last, std::vector<std::string>& log, Witness) {
  log.push_back("begun");
  const Witness local(log, "local");
  for (int i = 1; i <= last; ++i) co_yield Event(std::to_string(i));
  log.push_back("ended");
}

TEST(EventStream, DoesNotBeginUntilItIsPulled) {
  std::vector<std::string> log;
  EventStream stream = count_to(1, log, Witness(log, "parameter"));
  EXPECT_TRUE(log.empty());
  stream.pull();
  EXPECT_EQ(log, std::vector<std::string>{"begun"});
}

TEST(EventStream, DestroyedUnbegunItFreesItsParameters) {
  std::vector<std::string> log;
  { const EventStream stream = count_to(1, log, Witness(log, "parameter")); }
  EXPECT_EQ(log, std::vector<std::string>{"parameter destroyed"});
}

TEST(EventStream, YieldsInOrderAndEnds) {
  std::vector<std::string> log;
  EventStream stream = count_to(2, log, Witness(log, "parameter"));
  stream.pull();
  EXPECT_EQ(data_of(stream), "1");
  stream.pull();
  EXPECT_EQ(data_of(stream), "2");
  EXPECT_FALSE(stream.is_done());
  stream.pull();
  EXPECT_EQ(data_of(stream), "none");
  EXPECT_TRUE(stream.is_done());
  EXPECT_FALSE(stream.failure());
}

TEST(EventStream, DestroyedAtAYieldItRunsDestructorsInsideOut) {
  std::vector<std::string> log;
  {
    EventStream stream = count_to(2, log, Witness(log, "parameter"));
    stream.pull();
  }
  EXPECT_EQ(log, (std::vector<std::string>{"begun", "local destroyed", "parameter destroyed"}));
}

EventStream ends_at_once() { co_return; }

TEST(EventStream, MayEndWithoutYielding) {
  EventStream stream = ends_at_once();
  stream.pull();
  EXPECT_TRUE(stream.is_done());
  EXPECT_EQ(stream.event(), nullptr);
}

EventStream fails_after(int events) {
  for (int i = 0; i < events; ++i) co_yield Event("fine");
  throw std::runtime_error("broken");
}

std::string message_of(const std::exception_ptr& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST(EventStream, AnExceptionEndsItAndIsKept) {
  for (const int events : {0, 1, 3}) {
    EventStream stream = fails_after(events);
    for (int i = 0; i < events; ++i) {
      stream.pull();
      EXPECT_EQ(data_of(stream), "fine");
    }
    stream.pull();
    EXPECT_TRUE(stream.is_done());
    EXPECT_EQ(stream.event(), nullptr);
    EXPECT_EQ(message_of(stream.failure()), "broken");
  }
}

TEST(EventStream, MovedItGoesOnWhereItWas) {
  std::vector<std::string> log;
  EventStream first = count_to(2, log, Witness(log, "parameter"));
  first.pull();
  EventStream second = std::move(first);
  EXPECT_FALSE(first);
  second.pull();
  EXPECT_EQ(data_of(second), "2");
  second = EventStream();
  EXPECT_EQ(log.back(), "parameter destroyed");
}

EventStream yields_every_way(bool first) {
  co_yield Event("temporary");
  co_yield Event("tick", "typed").with_id("a");
  const Event named("named");
  co_yield named;
  Event chosen = first ? Event("first") : Event("second");
  co_yield chosen;
  co_yield Event(std::string(1000, 'x'));
}

TEST(EventStream, EveryWayToYieldGivesTheEventItself) {
  EventStream stream = yields_every_way(true);
  std::vector<std::string> seen;
  for (stream.pull(); !stream.is_done(); stream.pull()) seen.push_back(data_of(stream));
  EXPECT_EQ(seen, (std::vector<std::string>{"temporary", "typed", "named", "first", std::string(1000, 'x')}));
}

EventStream counts_up(int last) {
  for (int i = 1; i <= last; ++i) co_yield Event(std::to_string(i));
}

TEST(EventStream, AMillionPullsDoNotGrowTheStack) {
  EventStream stream = counts_up(1'000'000);
  int events = 0;
  for (stream.pull(); !stream.is_done(); stream.pull()) ++events;
  EXPECT_EQ(events, 1'000'000);
}

// Pulls whatever it is told of until the generator waits or ends.
struct Puller final : EventStream::Consumer {
  explicit Puller(EventStream pulled) : stream(std::move(pulled)) {
    stream.set_consumer(this);
    stream.pull();
    drain();
  }
  void on_ready() override {
    ++told;
    drain();
  }
  void drain() {
    while (stream && stream.event()) {
      seen.emplace_back(stream.event()->data());
      if (seen.size() == leave_after) {
        stream = EventStream();
      } else {
        stream.pull();
      }
    }
  }
  EventStream stream;
  std::vector<std::string> seen;
  std::size_t leave_after = 0;
  int told = 0;
};

EventStream sleeps_then_counts(Loop& loop, int last, std::vector<std::string>& log) {
  const Witness local(log, "local");
  co_await loop.sleep(seconds(1));
  for (int i = 1; i <= last; ++i) co_yield Event(std::to_string(i));
}

class Woken : public testing::Test {
 protected:
  void pass(std::chrono::nanoseconds time) {
    clock_.advance(time);
    loop_.timers().run_due(100);
  }
  ManualClock clock_{Clock::WallTime()};
  Loop loop_{clock_};
  std::vector<std::string> log_;
};

TEST_F(Woken, TellsItsConsumerOnceAndIsPulledFromThere) {
  Puller puller(sleeps_then_counts(loop_, 3, log_));
  EXPECT_TRUE(puller.seen.empty());
  EXPECT_EQ(puller.told, 0);
  pass(seconds(1));
  EXPECT_EQ(puller.seen, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(puller.told, 1);
  EXPECT_TRUE(puller.stream.is_done());
}

TEST_F(Woken, AMillionEventsInOneWakeUpDoNotGrowTheStack) {
  Puller puller(sleeps_then_counts(loop_, 1'000'000, log_));
  pass(seconds(1));
  EXPECT_EQ(puller.seen.size(), 1'000'000u);
}

TEST_F(Woken, MayBeDestroyedByTheConsumerThatItTells) {
  Puller puller(sleeps_then_counts(loop_, 3, log_));
  puller.leave_after = 1;
  pass(seconds(1));
  EXPECT_EQ(puller.seen, std::vector<std::string>{"1"});
  EXPECT_EQ(log_, std::vector<std::string>{"local destroyed"});
}

TEST_F(Woken, DestroyedWhileItAwaitsItIsNeverResumed) {
  {
    const Puller puller(sleeps_then_counts(loop_, 3, log_));
    EXPECT_TRUE(loop_.timers().next_deadline().has_value());
  }
  EXPECT_EQ(log_, std::vector<std::string>{"local destroyed"});
  EXPECT_FALSE(loop_.timers().next_deadline().has_value());
  pass(seconds(2));
}

EventStream sleeps_then_fails(Loop& loop) {
  co_await loop.sleep(seconds(1));
  throw std::runtime_error("late");
  co_return;
}

TEST_F(Woken, AnExceptionAfterAWaitTellsTheConsumerOfTheEnd) {
  Puller puller(sleeps_then_fails(loop_));
  pass(seconds(1));
  EXPECT_EQ(puller.told, 1);
  EXPECT_EQ(message_of(puller.stream.failure()), "late");
}

}  // namespace
}  // namespace tidings
