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
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tidings/server/history/history.h"

namespace tidings {

class Loop;

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
  class Answer : public std::enable_shared_from_this<Answer> {
   public:
    explicit Answer(Loop& loop) : loop_(loop) {}
    // Once; any thread.
    void give(const Published& published);

   private:
    friend class Publication;
    void resume();

    Loop& loop_;  // there for as long as somebody waits on it
    std::mutex mutex_;
    std::optional<Published> published_;
    std::coroutine_handle<> waiter_;
  };

  explicit Publication(std::shared_ptr<Answer> answer) : answer_(std::move(answer)) {}
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;
  ~Publication();

  // To be awaited once. Throws NotPublished.
  bool await_ready() const;
  bool await_suspend(std::coroutine_handle<> waiter);
  std::string await_resume() { return kept_id(*std::move(answer_->published_)); }

 private:
  const std::shared_ptr<Answer> answer_;
};

}  // namespace tidings
