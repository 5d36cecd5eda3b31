// A publication under way, which a generator awaits:
//
//   const std::string id = co_await channel->publish(event, loop);
//
// The history has the event once publish() has returned: it is published also where nobody awaits it, and where the
// generator is destroyed while it waits, since its client has left. The id comes when the event is kept; without a
// history that is at once, and nothing waits. Lives in the generator, on its loop's thread; the answer comes by any
// thread, and the generator goes on in a turn of its loop.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tidings/server/history/history.h"
#include "tidings/server/loop/waker.h"

namespace tidings {

// What became of a publication.
struct Published {
  History::Outcome outcome = History::Outcome::kKept;
  std::string id;   // where it is kept
  std::string why;  // else a sentence
};

// An event was not published, or nobody knows whether it was.
class NotPublished final : public std::runtime_error {
 public:
  NotPublished(History::Outcome outcome, const std::string& sentence)
      : std::runtime_error(sentence), outcome_(outcome) {}
  History::Outcome outcome() const { return outcome_; }

 private:
  History::Outcome outcome_;
};

// The id of what is kept; throws NotPublished for what is not.
std::string kept_id(Published published);

class [[nodiscard(
    "Nobody hears whether the event is kept until this is awaited: write co_await before it.")]] Publication final {
 public:
  // Between the generator and whoever has the answer.
  class Answer : public Waker {
   public:
    using Waker::Waker;
    // Once; any thread.
    void give(const Published& published) {
      published_ = published;
      wake();
    }

   private:
    friend class Publication;
    std::optional<Published> published_;  // once it is woken
  };

  explicit Publication(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
  Publication(Publication &&) = default;
  ~Publication() {
    if (answer_) answer_->forget();
  }

  // To be awaited once. Throws NotPublished.
  bool await_ready() const { return answer_->is_woken(); }
  bool await_suspend(std::coroutine_handle<> waiter) { return answer_->wait(waiter); }
  std::string await_resume() { return kept_id(*std::move(answer_->published_)); }

 private:
  std::shared_ptr<Answer> answer_;
};

}  // namespace tidings
