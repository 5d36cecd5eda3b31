// Time that stands still until a test moves it. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "tidings/server/loop/clock.h"

namespace tidings {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start) : wall_offset_(start.time_since_epoch()) {}

  Time now() const override { return Time(std::chrono::hours(1) + elapsed_.load()); }
  WallTime wall_now() const override {
    return WallTime(std::chrono::duration_cast<WallTime::duration>(elapsed_.load() + wall_offset_.load()));
  }

  void on_move(std::function<void(const std::shared_ptr<void>&)> callback) override {
    const std::lock_guard lock(mutex_);
    callback_ = std::move(callback);
  }

  void advance(std::chrono::nanoseconds time) {
    elapsed_ = elapsed_.load() + time;
    const std::lock_guard lock(mutex_);
    const auto move = std::make_shared<char>();
    latest_ = move;
    if (callback_) callback_(move);
  }

  // Whether every event loop has had its turn at the latest move.
  bool is_followed() const {
    const std::lock_guard lock(mutex_);
    return latest_.expired();
  }

  // Sets the wall clock forward or back; what waits is not told, as on a real machine.
  void step_wall(std::chrono::nanoseconds time) { wall_offset_ = wall_offset_.load() + time; }

 private:
  std::atomic<std::chrono::nanoseconds> elapsed_{std::chrono::nanoseconds(0)};
  std::atomic<std::chrono::nanoseconds> wall_offset_;
  mutable std::mutex mutex_;
  std::function<void(const std::shared_ptr<void>&)> callback_;
  std::weak_ptr<void> latest_;
};

}  // namespace tidings
