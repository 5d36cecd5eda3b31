// One who waits for news of something that any thread may change: what is the same in Latest and in Mailbox, whatever
// they hold. It is among a bell's listeners only while it waits, so that one whose client does not read costs nothing.
// Lives in the generator, on its loop's thread.
#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include "tidings/server/loop/bell.h"
#include "tidings/server/loop/bells.h"

namespace tidings {

class BellWaiter : private Bell::Listener {
 public:
  BellWaiter(const BellWaiter&) = delete;
  BellWaiter& operator=(const BellWaiter&) = delete;

 protected:
  BellWaiter(std::shared_ptr<Bells> bells, Loop& loop) : bells_(std::move(bells)), hung_(bells_->come(loop)) {}
  ~BellWaiter() {
    stop_waiting();
    bells_->go(hung_);
  }

  // For await_suspend(): the coroutine goes on once there is news. False where there is some already: then it does not
  // wait.
  bool wait(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    hung_.bell->listeners().add(*this);
    ++hung_.waiting;
    if (!has_news()) return true;  // what came before it was counted has rung nothing
    stop_waiting();
    return false;
  }
  void stop_waiting() {
    if (!std::exchange(waiter_, nullptr)) return;
    hung_.bell->listeners().remove(*this);
    --hung_.waiting;
  }

 private:
  virtual bool has_news() = 0;

  void on_published() override {
    if (!has_news()) return;
    const std::coroutine_handle<> waiter = waiter_;
    stop_waiting();
    waiter.resume();
  }

  const std::shared_ptr<Bells> bells_;
  Bells::Hung& hung_;
  std::coroutine_handle<> waiter_;
};

}  // namespace tidings
