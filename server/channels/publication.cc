#include "tidings/server/channels/publication.h"

#include "tidings/server/loop/loop.h"

namespace tidings {

std::string kept_id(Published published) {
  if (published.outcome == History::Outcome::kKept) return std::move(published.id);
  throw NotPublished(published.outcome, "The event was not kept: " + published.why);
}

// The generator, and its loop with it, can't go while the lock is held.
void Publication::Answer::give(const Published& published) {
  const std::lock_guard lock(mutex_);
  published_ = published;
  if (waiter_) loop_.post([self = shared_from_this()] { self->resume(); });
}

void Publication::Answer::resume() {
  std::unique_lock lock(mutex_);
  const std::coroutine_handle<> waiter = std::exchange(waiter_, nullptr);
  lock.unlock();
  if (waiter) waiter.resume();  // else the generator is gone
}

Publication::~Publication() {
  const std::lock_guard lock(answer_->mutex_);
  answer_->waiter_ = nullptr;
}

bool Publication::await_ready() const {
  const std::lock_guard lock(answer_->mutex_);
  return answer_->published_.has_value();
}

bool Publication::await_suspend(std::coroutine_handle<> waiter) {
  const std::lock_guard lock(answer_->mutex_);
  if (answer_->published_) return false;
  answer_->waiter_ = waiter;
  return true;
}

}  // namespace tidings
