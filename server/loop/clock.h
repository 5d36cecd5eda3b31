// The server's only source of time, so that a test can move it by hand. It is two clocks, as the system has them: a
// steady one that never jumps, to wait by, and the wall clock, to tell the time of day. Source: the C++ standard,
// "Class steady_clock" and "Class system_clock". Any thread.
#pragma once

#include <time.h>

#include <chrono>
#include <functional>
#include <memory>

namespace tidings {

class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  virtual Time now() const = 0;  // the steady clock's
  // The same, as it was up to some milliseconds ago: takes less time to read.
  virtual Time roughly_now() const { return now(); }
  virtual WallTime wall_now() const = 0;  // the wall clock's

  // A clock that is moved by hand calls the function after each move, on the thread that moves it, until it is given
  // another one; an empty one is not called. What it is called with is kept until every event loop has had its turn at
  // the move. The system's clock never calls it.
  virtual void on_move(std::function<void(const std::shared_ptr<void>&)>) {}
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  Time roughly_now() const override {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);  // steady_clock is CLOCK_MONOTONIC
    return Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace tidings
