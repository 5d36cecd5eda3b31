// What a watchdog hears of loops that the test turns by hand.
#include "tidings/server/loop/pulse.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

class PulseTest : public testing::Test {
 protected:
  PulseTest() {
    for (int i = 0; i < 2; ++i) loops_.push_back(std::make_unique<EventLoop>(clock_, 1));
    pulse_ = std::make_unique<Pulse>(loops_, 10s, [this] { ++beats_; });
    pulse_->start();
  }
  void turn(std::size_t loop) { loops_[loop]->context().poll(); }
  void turn_all() {
    for (const std::size_t loop : {0, 1, 0}) turn(loop);
  }
  void pass(std::chrono::seconds time) {
    clock_.advance(time);
    loops_[0]->run_due_timers();
  }

  ManualClock clock_{Clock::WallTime(100s)};
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<Pulse> pulse_;
  int beats_ = 0;
};

TEST_F(PulseTest, ItBeatsOnceInEachIntervalWhileAllLoopsTurn) {
  for (int beats = 1; beats <= 3; ++beats) {
    turn_all();
    turn_all();
    EXPECT_EQ(beats_, beats);
    pass(10s);
  }
}

TEST_F(PulseTest, ALoopThatHangsHoldsItUpUntilItTurnsAgain) {
  turn_all();
  for (int i = 0; i < 5; ++i) {
    pass(10s);
    turn(0);
  }
  EXPECT_EQ(beats_, 1);
  turn_all();
  EXPECT_EQ(beats_, 2);
  pass(10s);
  turn_all();
  EXPECT_EQ(beats_, 3);
}

TEST_F(PulseTest, StoppedItBeatsNoMore) {
  turn_all();
  pulse_->stop();
  pass(30s);
  turn_all();
  EXPECT_EQ(beats_, 1);
}

}  // namespace
}  // namespace tidings
