// What a generator may await, and the rules of that. Anything with await_ready(), await_suspend() and await_resume()
// can be awaited (the C++ standard, section "Await"). But a client may leave at any moment, and then the generator's
// frame is destroyed at once, on its loop, and every awaiter in it. So an awaiter keeps these rules:
//
//  1. It lives in the frame of the generator, and its destructor is the cancellation: from then on it resumes nothing,
//     and nobody touches it any more. It takes itself out of every list in which it stands.
//  2. It may be destroyed before it is awaited, after await_ready(), while it waits, when what it waits for has come
//  and
//     it has not resumed yet, and within its own call of resume(): after that it touches nothing of its own.
//  3. It resumes on its loop's thread alone, once, never from within await_suspend(), which returns false where there
//  is
//     nothing to wait for any more.
//  4. What comes from another thread is left in something that both sides share, and goes to the loop by Loop::post().
//     Loop and frame may go at the same moment, so either one holds a lock meanwhile; Waker (loop/waker.h) does that.
//  5. What it waits for is taken in await_resume(), or just before it resumes: one that is cancelled has taken nothing.
//  6. It may be moved before it is awaited, so that any_of() and with_timeout() can take it over.
//
// check_awaiter() (testing/awaiter_check.h) tries an awaiter against the first four. This header has what coroutines
// share that await. Loop thread only.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <type_traits>
#include <utility>

namespace tidings {

// Is told when a coroutine of the application stops to wait for something, and when it goes on: between the two it does
// not run. May not touch the coroutine.
class StepListener {
 public:
  virtual void on_awaiting() {}
  virtual void on_resumed() {}

 protected:
  ~StepListener() = default;
};

// Runs coroutines of the application itself when it is awaited, a Task for example: it tells the listener of their
// steps.
template <class Awaiter>
concept HasSteps = requires(Awaiter& awaiter, StepListener* listener) {
  awaiter.set_listener(listener);
};

// An awaiter with the listener told of it. The awaiter is in the coroutine's frame for as long as it waits.
template <class Awaiter>
class Watched {
 public:
  Watched(Awaiter& awaiter, StepListener* listener) : awaiter_(awaiter), listener_(listener) {
    if constexpr (HasSteps<Awaiter>) awaiter.set_listener(listener);
  }

  bool await_ready() { return awaiter_.await_ready(); }
  template <class Handle>
  auto await_suspend(Handle coroutine) {
    has_waited_ = true;
    if (listener_) listener_->on_awaiting();
    return awaiter_.await_suspend(coroutine);
  }
  decltype(auto) await_resume() {
    if (has_waited_ && listener_) listener_->on_resumed();
    return awaiter_.await_resume();
  }

 private:
  Awaiter& awaiter_;
  StepListener* listener_;  // null: nobody is told
  bool has_waited_ = false;
};

// What a coroutine's promise makes of what it awaits.
template <class Awaitable>
decltype(auto) with_listener(Awaitable&& awaitable, StepListener* listener) {
  if constexpr (requires { awaitable.await_ready(); }) {
    return Watched<std::remove_reference_t<Awaitable>>(awaitable, listener);
  } else {
    return std::forward<Awaitable>(awaitable);  // something with an operator co_await
  }
}

}  // namespace tidings
