// A value that changes, and generators that send the newest of it, each at its own pace: a sensor at 1 kHz, a page at
// 30 Hz.
//
// from examples/telemetry.cc:
//   tidings::EventStream telemetry(tidings::Latest<Pose>& latest, tidings::Loop& loop) {
//     auto pose = latest.follow(loop);
//     while (const auto newest = co_await pose.next()) co_yield tidings::typed(*newest);
//   }
//
// Who is slow misses what came in between, and nothing is kept for it: where every event counts, publish to a channel.
// A value is set by any thread, which waits for no client and no loop: it takes a lock that is held while a pointer is
// swapped. Each loop is woken once for all who wait there.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "tidings/server/awaiting/bell_waiter.h"
#include "tidings/server/loop/bells.h"
#include "tidings/server/loop/loop.h"

namespace tidings {

// How long a value waits, at most, for newer ones: for all who wait for it at once, so a pace costs less than a timer
// of each would. Who comes has the value that there is without waiting.
struct Pace {
  std::chrono::milliseconds time{0};
};

// Any thread. Its followers may outlive it: then they get an end, once they have had the newest.
template <class Value>
class Latest {
 public:
  class Follower;

  // Of no value yet.
  explicit Latest(Pace pace = {}) : state_(std::make_shared<State>(pace)) {}
  explicit Latest(Value first, Pace pace = {}) : Latest(pace) { set(std::move(first)); }
  Latest(const Latest&) = delete;
  Latest& operator=(const Latest&) = delete;
  ~Latest() {
    {
      const std::lock_guard lock(state_->mutex);
      state_->is_over = true;
    }
    state_->bells.ring();
  }

  void set(Value value) {
    auto next = std::make_shared<const Value>(std::move(value));
    {
      const std::lock_guard lock(state_->mutex);
      state_->value.swap(next);
      ++state_->version;
    }
    state_->bells.ring();
  }
  // A copy of the newest; empty where none was set yet.
  std::optional<Value> get() const {
    const auto [value, version] = state_->newest();
    return value ? std::optional<Value>(*value) : std::nullopt;
  }

  // For a generator, whose loop this is: follows it from now on, the value that it has first.
  Follower follow(Loop& loop) const { return Follower(state_, loop); }

 private:
  struct State {
    explicit State(Pace pace) : bells(pace.time) {}
    std::pair<std::shared_ptr<const Value>, std::uint64_t> newest() const {
      const std::lock_guard lock(mutex);
      return {value, version};
    }

    mutable std::mutex mutex;
    std::shared_ptr<const Value> value;
    std::uint64_t version = 0;  // how often it was set
    bool is_over = false;
    Bells bells;
  };

  const std::shared_ptr<State> state_;
};

// Lives in the generator, on its loop's thread.
template <class Value>
class Latest<Value>::Follower final : private BellWaiter {
 public:
  // What next() gives, to be awaited once. It may be moved before that.
  class Next {
   public:
    explicit Next(Follower& follower) : follower_(&follower) {}
    Next(Next&& other) noexcept : follower_(std::exchange(other.follower_, nullptr)) {}
    ~Next() {
      if (follower_) follower_->stop_waiting();
    }
    bool await_ready() { return follower_->has_news(); }
    bool await_suspend(std::coroutine_handle<> waiter) { return follower_->wait(waiter); }
    std::optional<Value> await_resume() { return follower_->take(); }

   private:
    Follower* follower_;
  };

  // `co_await follower.next()` gives a copy of the newest value, at once where there is one that this has not had.
  // Empty once the Latest is gone. One at a time.
  [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Next next() { return Next(*this); }

 private:
  friend class Latest;
  Follower(const std::shared_ptr<State>& state, Loop& loop)
      : BellWaiter(std::shared_ptr<Bells>(state, &state->bells), loop), state_(*state) {}

  bool has_news() override {
    const std::lock_guard lock(state_.mutex);
    return state_.version != had_ || state_.is_over;
  }
  std::optional<Value> take() {
    const auto [value, version] = state_.newest();
    if (std::exchange(had_, version) == version) return std::nullopt;
    return *value;
  }

  const State& state_;     // there for as long as its bells
  std::uint64_t had_ = 0;  // the version
};

}  // namespace tidings
