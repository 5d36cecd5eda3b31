// Work on another thread, awaited by a generator: what would hold its loop up, a query or a large file.
//
//   const std::size_t lines = co_await on_worker(loop, count_lines, path);
//
// calls count_lines(path) on one of the loop's workers (loop/workers.h); a server has some of its own for this, apart
// from those that run handlers (ServerOptions::work_threads). What it returns comes back to the loop, what it throws is
// thrown by the co_await.
//
// The arguments are copied or moved, as std::thread does it, and handed over as rvalues; they are destroyed on the
// worker as soon as the call is over. Where the generator goes meanwhile, since its client has left, what has not begun
// does not begin; what runs runs on, and its result is destroyed unseen, by whichever of the two threads had it last. A
// function whose first parameter is a std::stop_token is told by it.
//
// Where as much work waits for a worker as may, it throws Refusal(503): before the generator's first suspension that is
// the client's answer. Lives in the generator, on its loop's thread.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tidings/server/http/answer.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/loop/waker.h"
#include "tidings/server/loop/workers.h"
#include "tidings/server/streams/generator_parameters.h"

namespace tidings {

template <class Function>
inline constexpr bool holds_nothing =
    std::is_empty_v<Function> || std::is_pointer_v<Function> || std::is_member_pointer_v<Function>;

// With a stop token first, where the function takes one.
template <class Function, class... Arguments>
decltype(auto) call_with_stop(const std::stop_token& stop, Function& function, Arguments&... arguments) {
  if constexpr (std::is_invocable_v<Function, std::stop_token, Arguments...>) {
    return std::invoke(function, stop, std::move(arguments)...);
  } else {
    return std::invoke(function, std::move(arguments)...);
  }
}

// A call, its result, and who waits for that: shared by both threads.
template <class Function, class... Arguments>
class WorkerCall final : public Workers::Work, public Waker {
 public:
  using Result = decltype(call_with_stop(std::declval<const std::stop_token&>(), std::declval<Function&>(),
                                         std::declval<Arguments&>()...));
  static_assert(!std::is_reference_v<Result> && !is_view<Result>,
                "What a reference or a view stands for may be gone when the work is done: return a value.");

  WorkerCall(Loop& loop, Function function, Arguments... arguments)
      : Waker(loop), call_(std::in_place, std::move(function), std::move(arguments)...) {}

  void run() noexcept override {
    try {
      std::tuple<Function, Arguments...> call = *std::move(call_);
      call_.reset();
      std::apply([this](Function& function, Arguments&... arguments) { this->call(function, arguments...); }, call);
    } catch (...) {
      failure_ = std::current_exception();
    }
    wake();
  }
  void request_stop() { stop_.request_stop(); }
  // For who has been woken.
  Result take() {
    if (failure_) std::rethrow_exception(failure_);
    if constexpr (!std::is_void_v<Result>) return *std::move(result_);
  }

 private:
  void call(Function& function, Arguments&... arguments) {
    if constexpr (std::is_void_v<Result>) {
      call_with_stop(stop_.get_token(), function, arguments...);
    } else {
      result_.emplace(call_with_stop(stop_.get_token(), function, arguments...));
    }
  }

  static constexpr bool kTakesStop = std::is_invocable_v<Function, std::stop_token, Arguments...>;

  std::stop_source stop_ = kTakesStop ? std::stop_source() : std::stop_source(std::nostopstate);
  std::optional<std::tuple<Function, Arguments...>> call_;  // until it is run
  std::optional<std::conditional_t<std::is_void_v<Result>, std::monostate, Result>> result_;
  std::exception_ptr failure_;
};

template <class Call>
class [[nodiscard("Nothing is done until this is awaited: write co_await before it.")]] OnWorker {
 public:
  OnWorker(Workers & workers, std::shared_ptr<Call> call) : workers_(workers), call_(std::move(call)) {}
  OnWorker(OnWorker &&) = default;
  ~OnWorker() {
    if (!call_) return;
    call_->forget();
    call_->request_stop();
    workers_.remove(*call_);
  }

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    is_refused_ = !workers_.add(call_);
    return !is_refused_ && call_->wait(waiter);
  }
  typename Call::Result await_resume() {
    if (is_refused_) {
      throw Refusal(503, "As much work waits for a worker as may, " + std::to_string(workers_.max_waiting()) +
                             ": try again later.");
    }
    return call_->take();
  }

 private:
  Workers& workers_;
  std::shared_ptr<Call> call_;
  bool is_refused_ = false;
};

// Throws std::logic_error where the loop has no workers.
template <class Function, class... Arguments>
auto on_worker(Loop& loop, Function function, Arguments&&... arguments) {
  static_assert(holds_nothing<Function>,
                "What a lambda captures is destroyed twice in a co_await by g++ 12, and what it refers to may be gone "
                "before the work is done: give on_worker() a function, or a lambda without captures, and behind it the "
                "arguments, which are copied.");
  static_assert((!is_view<Arguments> && ...),
                "What a view stands for may be gone before the work is done: give a value, a std::string for example.");
  using Call = WorkerCall<Function, std::decay_t<Arguments>...>;
  return OnWorker<Call>(loop.workers(), std::make_shared<Call>(loop, function, std::forward<Arguments>(arguments)...));
}

}  // namespace tidings
