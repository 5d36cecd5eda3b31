// Messages from any thread to a generator, in order, each taken once; bounded, with a rule for when it is full.
//
//   tidings::Mailbox<Order> orders({.max = 100, .when_full = tidings::WhenFull::kRefuse});
//   orders.put(order);                                                            // any thread
//   while (auto order = co_await orders.next(loop)) co_yield Event(text_of(*order));   // a generator
//
// Where several generators take from one, each message goes to one of them. For what all are to get there are channels,
// for a value that changes there is Latest. Whoever puts waits for no client and no loop.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tidings/server/awaiting/bell_waiter.h"
#include "tidings/server/loop/bells.h"
#include "tidings/server/loop/loop.h"

namespace tidings {

// What becomes of a message for which there is no room.
enum class WhenFull {
  kDropOldest,  // it goes in, and the oldest is lost
  kDropNewest,  // it is lost
  kRefuse,      // it is given back: put() says so
};

// Any thread. Who waits for a message may outlive it: then that is the end, once those that are in it have been taken.
template <class Message>
class Mailbox {
 public:
  struct Options {
    std::size_t max = 64;  // messages; at least 1
    WhenFull when_full = WhenFull::kDropOldest;
  };
  class Next;

  Mailbox() : Mailbox(Options()) {}
  // Throws std::invalid_argument for one that can hold nothing.
  explicit Mailbox(Options options) : state_(std::make_shared<State>(options)) {
    if (options.max == 0) throw std::invalid_argument("A Mailbox holds one message or more.");
  }
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() { close(); }

  // False where the message was refused, since it is full, or closed; then it is as it was. What was lost instead is
  // counted.
  bool put(Message&& message) {
    std::optional<Message> lost;  // destroyed outside the lock
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->is_closed) return false;
      if (state_->messages.size() >= state_->options.max) {
        if (state_->options.when_full == WhenFull::kRefuse) return false;
        ++state_->lost;
        if (state_->options.when_full == WhenFull::kDropNewest) return true;
        lost.emplace(std::move(state_->messages.front()));
        state_->messages.pop_front();
      }
      state_->messages.push_back(std::move(message));
    }
    state_->bells.ring();
    return true;
  }
  bool put(const Message& message) { return put(Message(message)); }
  // Nothing more comes: who waits gets what there is, then the end.
  void close() {
    {
      const std::lock_guard lock(state_->mutex);
      state_->is_closed = true;
    }
    state_->bells.ring();
  }

  std::size_t size() const {
    const std::lock_guard lock(state_->mutex);
    return state_->messages.size();
  }
  // How many were lost so far.
  std::uint64_t lost() const {
    const std::lock_guard lock(state_->mutex);
    return state_->lost;
  }

  // `co_await mailbox.next(loop)`, in a generator whose loop this is, gives the oldest message, as an optional; empty
  // once it is closed and has none left. May be moved before it is awaited.
  [[nodiscard("Nothing waits until this is awaited: write co_await before it.")]] Next next(Loop& loop) {
    return Next(state_, loop);
  }

 private:
  struct State {
    explicit State(const Options& given) : options(given) {}
    std::optional<Message> take() {
      const std::lock_guard lock(mutex);
      if (messages.empty()) return std::nullopt;
      std::optional<Message> oldest(std::move(messages.front()));
      messages.pop_front();
      return oldest;
    }
    bool is_over() {
      const std::lock_guard lock(mutex);
      return is_closed && messages.empty();
    }

    const Options options;
    std::mutex mutex;
    std::deque<Message> messages;
    std::uint64_t lost = 0;
    bool is_closed = false;
    Bells bells;
  };

  const std::shared_ptr<State> state_;
};

template <class Message>
class Mailbox<Message>::Next {
 public:
  Next(Next&& other) noexcept : state_(std::move(other.state_)), loop_(other.loop_) {}

  bool await_ready() { return has_come(); }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waiting_.emplace(*this);
    return waiting_->begin(waiter);
  }
  std::optional<Message> await_resume() { return std::move(message_); }

 private:
  friend class Mailbox;
  class Waiting final : private BellWaiter {
   public:
    explicit Waiting(Next& next)
        : BellWaiter(std::shared_ptr<Bells>(next.state_, &next.state_->bells), next.loop_), next_(next) {}
    bool begin(std::coroutine_handle<> waiter) { return wait(waiter); }

   private:
    bool has_news() override { return next_.has_come(); }
    Next& next_;
  };

  Next(std::shared_ptr<State> state, Loop& loop) : state_(std::move(state)), loop_(loop) {}

  // Takes the message: another loop may be at it too. It is resumed right afterwards.
  bool has_come() {
    message_ = state_->take();
    return message_ || state_->is_over();
  }

  std::shared_ptr<State> state_;
  Loop& loop_;
  std::optional<Message> message_;
  std::optional<Waiting> waiting_;  // while it waits
};

}  // namespace tidings
