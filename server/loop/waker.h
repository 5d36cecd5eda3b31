// The way from any thread back to a coroutine that waits on a loop. Who waits and who wakes it share a Waker: the
// coroutine goes on in a turn of its loop, once, and not at all where it is gone by then. With it an awaiter keeps the
// rules of streams/awaiter.h when what it waits for comes from another thread. Any thread, but for wait().
#pragma once

#include <coroutine>
#include <memory>
#include <mutex>
#include <utility>

#include "tidings/server/loop/loop.h"

namespace tidings {

class Waker : public std::enable_shared_from_this<Waker> {
 public:
  explicit Waker(Loop& loop) : loop_(loop) {}
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  // For await_suspend(), on the loop's thread: the coroutine waits from now on. False where wake() was called before:
  // then it does not.
  bool wait(std::coroutine_handle<> waiter) {
    const std::lock_guard lock(mutex_);
    if (is_woken_) return false;
    waiter_ = waiter;
    return true;
  }
  // For the awaiter's destructor: nobody waits any more.
  void forget() {
    const std::lock_guard lock(mutex_);
    waiter_ = nullptr;
  }

  // What was awaited has come; from then on it stays so. The coroutine, and its loop with it, can't go while the lock
  // is held. What was written before is seen by whoever has been woken.
  void wake() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_woken_, true) || !waiter_) return;
    loop_.post([self = shared_from_this()] { self->resume(); });
  }
  bool is_woken() const {
    const std::lock_guard lock(mutex_);
    return is_woken_;
  }

 private:
  void resume() {
    std::unique_lock lock(mutex_);
    const std::coroutine_handle<> waiter = std::exchange(waiter_, nullptr);
    lock.unlock();
    if (waiter) waiter.resume();  // else the coroutine is gone
  }

  Loop& loop_;  // there for as long as somebody waits
  mutable std::mutex mutex_;
  bool is_woken_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace tidings
