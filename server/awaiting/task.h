// A coroutine that gives one result: what a generator, or another task, awaits as if it were a function that may wait.
//
//   tidings::Task<std::string> greeting(std::string name, tidings::Loop& loop) {
//     co_await loop.sleep(1s);
//     co_return "Hello, " + name;
//   }
//   … std::string text = co_await greeting("Ada", loop);
//
// It begins when it is awaited, once, and an exception that leaves it comes out there. It is cancelled by its
// destruction: its frame is destroyed where it is suspended. So it goes with the generator that awaits it, at whatever
// depth. Its parameters are held to the rules of a generator's (streams/generator_parameters.h). Loop thread only.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "tidings/server/streams/awaiter.h"
#include "tidings/server/streams/generator_parameters.h"

namespace tidings {

template <class Result = void>
class Task;

// What all tasks have in their frames.
class TaskPromise {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  // Goes on with who awaits it, without growing the stack where the compiler can do that: g++ from -O2 on.
  struct End {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> task) const noexcept {
      TaskPromise& promise = task.promise();
      if (promise.listener_) promise.listener_->on_awaiting();
      return promise.waiter_ ? promise.waiter_ : std::coroutine_handle<>(std::noop_coroutine());
    }
    void await_resume() const noexcept {}
  };
  End final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }

  template <class Awaitable>
  decltype(auto) await_transform(Awaitable&& awaitable) {
    return with_listener(std::forward<Awaitable>(awaitable), listener_);
  }

 protected:
  ~TaskPromise() = default;
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  template <class Result>
  friend class Task;
  bool is_started_ = false;
  StepListener* listener_ = nullptr;
  std::coroutine_handle<> waiter_;  // who goes on at its end; null until it has waited for something
  std::exception_ptr failure_;
};

template <class Result>
class TaskPromiseOf : public TaskPromise {
 public:
  template <class Value = Result>
  void return_value(Value&& value) {
    result_.emplace(std::forward<Value>(value));
  }
  Result take() {
    rethrow_failure();
    return *std::move(result_);
  }

 private:
  std::optional<Result> result_;
};

template <>
class TaskPromiseOf<void> : public TaskPromise {
 public:
  void return_void() noexcept {}
  void take() const { rethrow_failure(); }
};

template <class Result>
class [[nodiscard("A Task does nothing until it is awaited: write co_await before it.")]] Task {
  static_assert(!std::is_reference_v<Result> && !is_view<Result>,
                "What a reference or a view stands for may be gone when the Task has ended: give a value.");

 public:
  class promise_type final : public TaskPromiseOf<Result> {
   public:
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };

  Task() = default;  // empty: not to be awaited
  Task(Task && other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task dropped(std::exchange(handle_, std::exchange(other.handle_, nullptr)));
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // `co_await task` gives its result, or throws what it has thrown. Once: std::logic_error for a second time, and for
  // an empty one.
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    if (start()) return false;
    set_waiter(waiter);
    return true;
  }
  Result await_resume() { return take(); }

  void set_listener(StepListener * listener) {
    if (handle_) handle_.promise().listener_ = listener;
  }

  // For who awaits several at a time. start() runs it to its first suspension, and says whether it has come to its end
  // by then; if not, set_waiter() says who goes on there. take() is for one that has come to its end.
  bool start() {
    if (!handle_ || std::exchange(handle_.promise().is_started_, true)) {
      throw std::logic_error("A Task is awaited once, and not after it was moved from.");
    }
    if (StepListener* const listener = handle_.promise().listener_) listener->on_resumed();
    handle_.resume();
    return is_done();
  }
  void set_waiter(std::coroutine_handle<> waiter) { handle_.promise().waiter_ = waiter; }
  bool is_done() const { return handle_ && handle_.done(); }
  Result take() { return handle_.promise().take(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace tidings

template <class Result, class... Parameters>
struct std::coroutine_traits<tidings::Task<Result>, Parameters...> {
  static_assert(
      !tidings::has_captures<tidings::Task<Result>, Parameters...>,
      "A lambda is gone, and what it captures, before its task goes on: write the task as a named function, and let "
      "the lambda hand it what it needs.");
  static_assert(tidings::stay<Parameters...>,
                "What a const reference, an rvalue reference or a view stands for may be gone when the task goes on: "
                "take the parameter by value.");
  using promise_type = typename tidings::Task<Result>::promise_type;
};
