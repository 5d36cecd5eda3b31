// An endpoint as an async generator: a coroutine that yields events and may await anything in between (awaiter.h).
//
// from examples/hello.cc:
//   tidings::EventStream hello(tidings::Request, tidings::Loop& loop) {
//     tidings::Ticker ticker = loop.every(1s);
//     for (int count = 1;; ++count) {
//       co_await ticker.next();
//       co_yield tidings::Event("hello " + std::to_string(count));
//     }
//   }
//
// It runs only when it is pulled, is pulled only when its last event has left, and is destroyed where it is suspended
// when nobody listens any more: cleanup is destructors. An exception that leaves it ends the stream. Not a socket:
// generator_stream.h moves its events to the client. The thread that pulls (in a server: the client's loop) is the only
// one that runs or destroys it.
//
// Write generators as named functions and take parameters by value, but for what outlives the server, a `Hub&` say: a
// lambda, a `const Request&` or a view would be gone when the generator goes on, and does not compile
// (generator_parameters.h). Parameters live as long as the stream, so pass what is needed of a request and not the
// request. Source: the C++ standard, section "Coroutine definitions".
#pragma once

#include "tidings/protocol/cxx20.h"

#include <coroutine>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "tidings/protocol/event.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/stream_field.h"
#include "tidings/server/streams/awaiter.h"
#include "tidings/server/streams/generator_parameters.h"

namespace tidings {

// A generator throws it to cut its stream off, so that the client comes back; it does not count as a failure. Where a
// generator returns instead, the client is told that the stream has come to its end.
class CutOff final : public std::exception {
 public:
  const char* what() const noexcept override { return "the stream is cut off"; }
};

class [[nodiscard]] EventStream {
 public:
  // Who pulls; is told of the generator's steps too.
  class Consumer : public StepListener {
   public:
    // The generator, resumed by what it awaited, has come to a yield or to its end; not called when it gets there
    // within pull(). May pull again, or destroy the stream, before it returns.
    virtual void on_ready() = 0;

   protected:
    ~Consumer() = default;
  };

  class promise_type {
   public:
    EventStream get_return_object() { return EventStream(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }

    // Suspends and, unless pull() is what runs the generator, tells the consumer.
    struct Arrival {
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<promise_type> generator) const noexcept {
        const promise_type& promise = generator.promise();
        if (promise.consumer_ && !promise.is_pulled_) promise.consumer_->on_ready();
      }
      void await_resume() const noexcept {}
    };
    Arrival final_suspend() noexcept { return {}; }

    template <class Awaitable>
    decltype(auto) await_transform(Awaitable&& awaitable) {
      return with_listener(std::forward<Awaitable>(awaitable), consumer_);
    }

    // The event is the generator's own object, alive until the generator is resumed.
    Arrival yield_value(const Event& event) noexcept {
      event_ = &event;
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

   private:
    friend class EventStream;
    const Event* event_ = nullptr;
    Consumer* consumer_ = nullptr;
    bool is_pulled_ = false;
    std::exception_ptr failure_;
  };

  EventStream() = default;
  EventStream(EventStream&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), fields_(std::move(other.fields_)) {}
  EventStream& operator=(EventStream&& other) noexcept {
    EventStream dropped(std::exchange(handle_, std::exchange(other.handle_, nullptr)));
    fields_ = std::move(other.fields_);
    return *this;
  }
  ~EventStream() {
    if (handle_) handle_.destroy();
  }

  explicit operator bool() const { return static_cast<bool>(handle_); }

  // Adds a header field to the response by which the stream begins, for the function that gives it to the server:
  // `return hello(loop).with_field("Set-Cookie", "seen=yes")`. Of a name there may be several. A refusal has none of
  // them, but those of its Refusal. Throws std::invalid_argument with a sentence for one that can't be there
  // (stream_field.h).
  EventStream with_field(std::string name, std::string value) && {
    check_stream_field(name, value);
    if (!fields_) fields_ = std::make_unique<Answer::Fields>();
    fields_->emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  // Those that were added, which it has no more afterwards.
  Answer::Fields take_fields() { return fields_ ? std::move(*std::exchange(fields_, nullptr)) : Answer::Fields(); }

  // Null: nobody is told. Of the steps of what is awaited already, who was set before is told.
  void set_consumer(Consumer* consumer) { handle_.promise().consumer_ = consumer; }

  // Runs the generator until it next suspends; the event that it had yielded is gone. To be called only before it has
  // begun or while it is at a yield: a generator that awaits something is resumed by that.
  void pull() {
    promise_type& promise = handle_.promise();
    promise.event_ = nullptr;
    promise.is_pulled_ = true;
    handle_.resume();
    promise.is_pulled_ = false;
  }

  // What the generator has yielded, until the next pull(); null while it awaits and at its end.
  const Event* event() const { return handle_.done() ? nullptr : handle_.promise().event_; }
  bool is_done() const { return handle_.done(); }
  // The exception by which it ended; null where there is none.
  std::exception_ptr failure() const { return handle_.promise().failure_; }

 private:
  using Handle = std::coroutine_handle<promise_type>;
  explicit EventStream(Handle handle) : handle_(handle) {}
  Handle handle_;
  std::unique_ptr<Answer::Fields> fields_;  // null: none
};

}  // namespace tidings

template <class... Parameters>
struct std::coroutine_traits<tidings::EventStream, Parameters...> {
  static_assert(
      !tidings::has_captures<tidings::EventStream, Parameters...>,
      "A lambda is gone, and what it captures, before its generator goes on: write the generator as a named function, "
      "and let the lambda hand it what it needs.");
  static_assert(tidings::stay<Parameters...>,
                "What a const reference, an rvalue reference or a view stands for may be gone when the generator goes "
                "on: take the parameter by value.");
  using promise_type = tidings::EventStream::promise_type;
};
