// A stop that another part of the program asks for, as something to await:
//
//   co_await stopped(token, loop);
//
// goes on once a stop was requested of the token's source, by any thread: for ever, where there is no source. Gives
// nothing. Lives in the generator, on its loop's thread.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/waker.h"

namespace tidings {

class [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Stopped {
 public:
  Stopped(std::stop_token token, Loop & loop) : token_(std::move(token)), loop_(loop) {}
  Stopped(Stopped && other) noexcept : token_(std::move(other.token_)), loop_(other.loop_) {}
  ~Stopped() {
    if (waker_) waker_->forget();
  }

  bool await_ready() const { return token_.stop_requested(); }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waker_ = std::make_shared<Waker>(loop_);
    callback_.emplace(token_, Wake(waker_));  // calls it here, where the stop comes just now
    return waker_->wait(waiter);
  }
  void await_resume() const {}

 private:
  class Wake {
   public:
    explicit Wake(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}
    void operator()() const { waker_->wake(); }

   private:
    std::shared_ptr<Waker> waker_;
  };

  std::stop_token token_;
  Loop& loop_;
  std::shared_ptr<Waker> waker_;
  std::optional<std::stop_callback<Wake>> callback_;
};

inline Stopped stopped(std::stop_token token, Loop& loop) { return Stopped(std::move(token), loop); }

}  // namespace tidings
