// Where time comes from: the server's only source of it, so that a test can move it by hand.
// Two clocks, as the system has them: one that never jumps, for waiting, and the wall's, for telling. Any thread.
#pragma once

#include <chrono>
#include <functional>

namespace tidings {

class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using WallTime = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual WallTime wall_now() const = 0;

  // A clock that is moved by hand calls this after each move, on the mover's thread. The system's never does.
  virtual void on_move(std::function<void()>) {}
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace tidings
