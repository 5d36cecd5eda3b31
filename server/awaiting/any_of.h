// Waits for the first of several things:
//
//   auto first = co_await any_of(pose.next(), loop.sleep(15s));
//   if (first.index() == 0) …std::get<0>(first)…
//
// and for one thing, but not for ever:
//
//   if (auto line = co_await with_timeout(read_line(), 2s, loop)) …*line…
//
// What is awaited is taken over, so that it is destroyed, and thereby cancelled, as soon as another has come: give it
// as it is made, in the call. Those that are ready at once count in the order in which they stand, and nothing behind
// one of them is begun. An exception of the first that comes is thrown; what the others would have thrown is lost with
// them. What does not keep to this does not compile. The rules for what can be awaited: streams/awaiter.h. Loop thread
// only.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <chrono>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "tidings/server/awaiting/task.h"
#include "tidings/server/loop/loop.h"
#include "tidings/server/streams/awaiter.h"

namespace tidings {

// Something that can be awaited as it is: what has an operator co_await comes into a Task.
template <class Awaiter>
concept Awaitable = requires(Awaiter& awaiter, std::coroutine_handle<> waiter) {
  static_cast<bool>(awaiter.await_ready());
  awaiter.await_suspend(waiter);
  awaiter.await_resume();
};

template <class Awaiter>
using Awaited = std::remove_cvref_t<decltype(std::declval<Awaiter&>().await_resume())>;

template <class Given>
constexpr bool can_be_taken_over() {
  using Awaiter = std::remove_cvref_t<Given>;
  static_assert(!std::is_lvalue_reference_v<Given>,
                "What has a name would go on waiting when another has come: give it as it is made, in the call, or by "
                "std::move().");
  static_assert(Awaitable<Awaiter>,
                "This can't be awaited: it has no await_ready(), await_suspend() and await_resume(). A function that "
                "waits is a Task, and is called.");
  static_assert(std::move_constructible<Awaiter>,
                "It can't be moved, so it can't be taken over: await it in a Task, and give that.");
  static_assert(!std::is_aggregate_v<Awaiter> || std::is_trivially_destructible_v<Awaiter>,
                "g++ 12 destroys the members of an aggregate in a co_await twice: give it a constructor.");
  return true;
}

// One of those that are waited for, on its way.
template <class Awaiter>
Task<Awaited<Awaiter>> branch_of(Awaiter awaiter) {
  co_return co_await std::move(awaiter);
}
template <class Result>
Task<Result> branch_of(Task<Result> task) {
  return task;
}

template <class... Results>
class [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] AnyOf {
  template <class Result>
  using NoVoid = std::conditional_t<std::is_void_v<Result>, std::monostate, Result>;

 public:
  // Its index says which has come; of what gives nothing the value is a std::monostate.
  using First = std::variant<NoVoid<Results>...>;

  explicit AnyOf(Task<Results>... branches) : branches_(std::move(branches)...) {}

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    const bool has_come = std::apply([](auto&... branch) { return (branch.start() || ...); }, branches_);
    // One may have come by what a later one did when it began.
    if (has_come || is_any_done()) return false;
    std::apply([waiter](auto&... branch) { (branch.set_waiter(waiter), ...); }, branches_);
    return true;
  }
  First await_resume() { return take<0>(); }

  void set_listener(StepListener * listener) {
    std::apply([listener](auto&... branch) { (branch.set_listener(listener), ...); }, branches_);
  }

 private:
  bool is_any_done() const {
    return std::apply([](const auto&... branch) { return (branch.is_done() || ...); }, branches_);
  }

  template <std::size_t kIndex>
  First take() {
    auto& branch = std::get<kIndex>(branches_);
    if constexpr (kIndex + 1 < sizeof...(Results)) {
      if (!branch.is_done()) return take<kIndex + 1>();
    }
    auto first = std::move(branch);
    branches_ = std::tuple<Task<Results>...>();  // cancels the others
    if constexpr (std::is_void_v<decltype(first.take())>) {
      first.take();
      return First(std::in_place_index<kIndex>);
    } else {
      return First(std::in_place_index<kIndex>, first.take());
    }
  }

  std::tuple<Task<Results>...> branches_;
};

template <class... Given>
auto any_of(Given&&... awaiters) requires(sizeof...(Given) > 0 && (can_be_taken_over<Given>() && ...)) {
  return AnyOf<Awaited<std::remove_cvref_t<Given>>...>(branch_of(std::forward<Given>(awaiters))...);
}

template <class Result>
class [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] WithTimeout {
 public:
  WithTimeout(Task<Result> task, Sleep sleep) : any_(std::move(task), branch_of(std::move(sleep))) {}

  bool await_ready() const { return any_.await_ready(); }
  bool await_suspend(std::coroutine_handle<> waiter) { return any_.await_suspend(waiter); }
  auto await_resume() {
    auto first = any_.await_resume();
    if constexpr (std::is_void_v<Result>) {
      return first.index() == 0;
    } else {
      return first.index() == 0 ? std::optional<Result>(std::get<0>(std::move(first))) : std::nullopt;
    }
  }

  void set_listener(StepListener * listener) { any_.set_listener(listener); }

 private:
  AnyOf<Result, void> any_;
};

// `co_await with_timeout(x, 2s, loop)` gives what `co_await x` does, as an optional that is empty where that has not
// come within the time; true or false where x gives nothing. Of what is ready, none is too late.
template <class Given>
auto with_timeout(Given&& awaiter, std::chrono::nanoseconds time, Loop& loop) requires(can_be_taken_over<Given>()) {
  return WithTimeout<Awaited<std::remove_cvref_t<Given>>>(branch_of(std::forward<Given>(awaiter)), loop.sleep(time));
}

}  // namespace tidings
