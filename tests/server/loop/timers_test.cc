#include "tidings/server/loop/timers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/event_stream.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class Alarm final : public Timer {
 public:
  explicit Alarm(std::function<void()> action) : action_(std::move(action)) {}
  using Timer::arm;
  using Timer::disarm;

 private:
  void expired() override { action_(); }
  std::function<void()> action_;
};

class TimersTest : public testing::Test {
 protected:
  Alarm alarm(char name) {
    return Alarm([this, name] { fired_ += name; });
  }
  Clock::Time in(std::chrono::nanoseconds time) const { return clock_.now() + time; }
  std::string pass(std::chrono::nanoseconds time, std::size_t most = 100) {
    fired_.clear();
    clock_.advance(time);
    timers_.run_due(most);
    return fired_;
  }

  ManualClock clock_{Clock::WallTime(100s + 400ms)};
  int earlier_ = 0;
  Loop loop_{clock_, {}, [this] { ++earlier_; }};
  Timers& timers_ = loop_.timers();
  std::string fired_;
};

TEST_F(TimersTest, ATimerThatThrowsLeavesTheOthersWaiting) {
  Alarm careless([] { throw 5; });
  Alarm a = alarm('a'), b = alarm('b');
  careless.arm(timers_, in(1s));
  a.arm(timers_, in(1s));
  EXPECT_THROW(pass(1s), int);
  const int earlier = earlier_;
  b.arm(timers_, in(-1s));
  EXPECT_EQ(earlier_, earlier + 1);  // it is told of what comes sooner, as outside of run_due()
  EXPECT_EQ(pass(0s), "ba");
}

TEST_F(TimersTest, FireInOrderOfDeadlinesAndThenOfArming) {
  Alarm a = alarm('a'), b = alarm('b'), c = alarm('c'), d = alarm('d');
  a.arm(timers_, in(3s));
  b.arm(timers_, in(1s));
  c.arm(timers_, in(3s));
  d.arm(timers_, in(4s));
  EXPECT_EQ(pass(999ms), "");
  EXPECT_EQ(pass(1ms), "b");
  EXPECT_EQ(pass(2s), "ac");
  EXPECT_EQ(pass(10s), "d");
  EXPECT_FALSE(timers_.next_deadline().has_value());
}

TEST_F(TimersTest, ArmedAgainKeepsTheLastDeadlineOnly) {
  Alarm a = alarm('a');
  a.arm(timers_, in(1s));
  a.arm(timers_, in(2s));
  EXPECT_EQ(pass(1s), "");
  EXPECT_EQ(pass(1s), "a");
}

TEST_F(TimersTest, AnyArmingAndDisarmingFiresAsInASortedList) {
  std::mt19937 random(7);
  const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
  std::vector<int> fired;
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int i = 0; i < 60; ++i) alarms.push_back(std::make_unique<Alarm>([&fired, i] { fired.push_back(i); }));
  std::multimap<Clock::Time, int> model;  // equal ones in the order of arming
  for (int step = 0; step < 20'000; ++step) {
    const int which = below(60);
    switch (below(4)) {
      case 0:
      case 1: {
        const Clock::Time deadline = in(std::chrono::milliseconds(below(40)));
        alarms[static_cast<std::size_t>(which)]->arm(timers_, deadline);
        std::erase_if(model, [&](const auto& entry) { return entry.second == which; });
        model.emplace(deadline, which);
        break;
      }
      case 2:
        alarms[static_cast<std::size_t>(which)]->disarm();
        std::erase_if(model, [&](const auto& entry) { return entry.second == which; });
        break;
      case 3: {
        fired.clear();
        const auto most = static_cast<std::size_t>(below(5));
        pass(std::chrono::milliseconds(below(5)), most);
        std::vector<int> expected;
        while (expected.size() < most && !model.empty() && model.begin()->first <= clock_.now()) {
          expected.push_back(model.begin()->second);
          model.erase(model.begin());
        }
        ASSERT_EQ(fired, expected) << "step " << step;
      }
    }
    ASSERT_EQ(timers_.next_deadline().has_value(), !model.empty());
    if (!model.empty()) {
      ASSERT_EQ(timers_.next_deadline(), model.begin()->first) << "step " << step;
    }
  }
}

TEST_F(TimersTest, DisarmedOrDestroyedNeverFires) {
  Alarm a = alarm('a');
  a.arm(timers_, in(1s));
  {
    Alarm b = alarm('b');
    b.arm(timers_, in(1s));
  }
  a.disarm();
  EXPECT_EQ(pass(1s), "");
}

TEST_F(TimersTest, OneMayEndAnotherThatIsDueWithIt) {
  std::optional<Alarm> second;
  Alarm first([&] { second.reset(); });
  first.arm(timers_, in(1s));
  second.emplace([this] { fired_ += '2'; });
  second->arm(timers_, in(1s));
  EXPECT_EQ(pass(1s), "");
}

TEST_F(TimersTest, NoMoreThanAllowedFireInACall) {
  Alarm a = alarm('a'), b = alarm('b'), c = alarm('c');
  for (Alarm* each : {&a, &b, &c}) each->arm(timers_, in(1s));
  EXPECT_EQ(pass(1s, 2), "ab");
  EXPECT_EQ(pass(0s, 2), "c");
}

TEST_F(TimersTest, TellsWhenTheNextDeadlineComesSooner) {
  Alarm a = alarm('a'), b = alarm('b'), c = alarm('c');
  a.arm(timers_, in(3s));
  EXPECT_EQ(earlier_, 1);
  b.arm(timers_, in(4s));
  EXPECT_EQ(earlier_, 1);
  c.arm(timers_, in(2s));
  EXPECT_EQ(earlier_, 2);
}

// Pulls a generator that notes its ticks.
EventStream note_ticks(Loop& loop, std::chrono::milliseconds interval, std::vector<Tick>& ticks) {
  for (Ticker ticker = loop.every(interval);;) {
    ticks.push_back(co_await ticker.next());
    co_yield Event("");
  }
}

class TickerTest : public TimersTest, private EventStream::Consumer {
 protected:
  void start(std::chrono::milliseconds interval) {
    stream_ = note_ticks(loop_, interval, ticks_);
    stream_.set_consumer(this);
    stream_.pull();
    go_on();
  }
  // The numbers of the ticks seen while `time` passes at once.
  std::vector<std::uint64_t> numbers(std::chrono::nanoseconds time) {
    ticks_.clear();
    pass(time);
    std::vector<std::uint64_t> numbers;
    for (const Tick& tick : ticks_) numbers.push_back(tick.number);
    return numbers;
  }
  void on_ready() override {
    if (!is_busy_) go_on();
  }
  void go_on() {
    while (stream_.event() && !is_busy_) stream_.pull();
  }

  bool is_busy_ = false;  // as a generator is whose client does not read
  EventStream stream_;
  std::vector<Tick> ticks_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(TickerTest, TicksAtWholeMultiplesOfTheIntervalWheneverItStarted) {
  start(1s);  // at 100.4 s
  EXPECT_EQ(numbers(599ms), Numbers{});
  EXPECT_EQ(numbers(1ms), Numbers{101});
  EXPECT_EQ(ticks_.at(0).time.time_since_epoch(), 101s);
  EXPECT_EQ(numbers(1s), Numbers{102});
}

TEST_F(TickerTest, LatenessDoesNotAddUp) {
  start(1s);
  EXPECT_EQ(numbers(600ms + 300ms), Numbers{101});
  EXPECT_EQ(numbers(699ms), Numbers{});
  EXPECT_EQ(numbers(1ms), Numbers{102});
}

TEST_F(TickerTest, WhatIsLateByMoreThanAnIntervalIsSkippedAndItsNumberWithIt) {
  start(1s);
  EXPECT_EQ(numbers(600ms), Numbers{101});
  EXPECT_EQ(numbers(3s + 500ms), Numbers{104});
  EXPECT_EQ(numbers(500ms), Numbers{105});
}

TEST_F(TickerTest, ATickThatIsDueAlreadyComesAtOnce) {
  start(1s);
  is_busy_ = true;
  EXPECT_EQ(numbers(600ms), Numbers{101});
  EXPECT_EQ(numbers(1s + 300ms), Numbers{});
  is_busy_ = false;
  go_on();
  ASSERT_EQ(ticks_.size(), 1u);
  EXPECT_EQ(ticks_[0].number, 102u);
}

TEST_F(TickerTest, AWallClockSetForwardSkips) {
  start(1s);
  clock_.step_wall(10s);
  EXPECT_EQ(numbers(600ms), Numbers{111});
}

TEST_F(TickerTest, AWallClockSetBackALittleOnlyDelays) {
  start(1s);
  EXPECT_EQ(numbers(600ms), Numbers{101});
  clock_.step_wall(-300ms);
  EXPECT_EQ(numbers(1s), Numbers{});
  EXPECT_EQ(numbers(300ms), Numbers{102});
}

TEST_F(TickerTest, AWallClockSetBackAlotIsFollowed) {
  start(1s);
  EXPECT_EQ(numbers(600ms), Numbers{101});
  clock_.step_wall(-50s);
  EXPECT_EQ(numbers(1s), Numbers{});
  EXPECT_EQ(numbers(1s), Numbers{53});
}

TEST_F(TickerTest, AWallClockThatIsSetIsNoticedAtOnceHoweverLongTheInterval) {
  start(1min);  // at 100.4 s
  clock_.step_wall(11s);
  timers_.wall_clock_was_set();
  EXPECT_EQ(numbers(8s + 500ms), Numbers{});
  EXPECT_EQ(numbers(100ms), Numbers{2});
  clock_.step_wall(10min);
  timers_.wall_clock_was_set();
  EXPECT_EQ(numbers(0s), Numbers{12});
}

TEST_F(TickerTest, AWallClockThatIsSetBackIsNoticedAtOnceToo) {
  start(20s);  // at 100.4 s
  clock_.step_wall(-30s);
  timers_.wall_clock_was_set();
  EXPECT_EQ(numbers(9s + 500ms), Numbers{});
  EXPECT_EQ(numbers(100ms), Numbers{4});
}

TEST_F(TickerTest, AWallClockThatIsSetBackByMoreThanAnIntervalIsFollowedWhereverInItThatIs) {
  start(20s);  // at 100.4 s
  EXPECT_EQ(numbers(19s + 600ms), Numbers{6});
  EXPECT_EQ(numbers(11s), Numbers{});
  clock_.step_wall(-30s);  // to 101 s
  timers_.wall_clock_was_set();
  EXPECT_EQ(numbers(18s), Numbers{});
  EXPECT_EQ(numbers(1s), Numbers{6});
}

TEST_F(TickerTest, AWallClockThatIsSetBackAgainAndAgainSilencesForTwoIntervalsAtMost) {
  start(20s);
  EXPECT_EQ(numbers(19s + 600ms), Numbers{6});
  for (int i = 0; i < 3; ++i) {
    clock_.step_wall(-10s);
    timers_.wall_clock_was_set();
  }
  EXPECT_EQ(numbers(10s), Numbers{5});
}

TEST_F(TimersTest, WhatWaitsForNoTimeOfDayWaitsOnWhenTheWallClockIsSet) {
  Alarm a = alarm('a');
  a.arm(timers_, in(3s));
  clock_.step_wall(1h);
  timers_.wall_clock_was_set();
  EXPECT_EQ(pass(2s), "");
  EXPECT_EQ(pass(1s), "a");
}

TEST_F(TickerTest, AnIntervalBelowAMillisecondIsRefused) {
  EXPECT_THROW(static_cast<void>(loop_.every(0ms)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(loop_.every(-1s)), std::invalid_argument);
}

}  // namespace
}  // namespace tidings
