// Kind: Something that can't be awaited so
// Mistake: `co_await with_timeout(Answered{.question = question}, 1s, loop)`, with an awaiter without a constructor
// Says: g++ 12 destroys the members of an aggregate in a co_await twice: give it a constructor.
#include <chrono>
#include <coroutine>
#include <string>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/server.h"

using namespace std::chrono_literals;

struct Answered {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  std::string await_resume() { return question; }
  std::string question;
};

tidings::EventStream asks(std::string question, tidings::Loop& loop) {
  const auto answer = co_await tidings::with_timeout(Answered{.question = question}, 1s, loop);
  co_yield tidings::Event(answer.value_or("none"));
}
