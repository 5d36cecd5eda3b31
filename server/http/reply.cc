#include "tidings/server/http/reply.h"

namespace tidings {

void ReplySlot::answer(Answer answer) {
  std::function<void(Answer)> deliver;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_closed_, true)) return;
    if (!has_returned_) {
      early_ = std::move(answer);
      return;
    }
    deliver = std::move(deliver_);
  }
  deliver(std::move(answer));
}

std::optional<Answer> ReplySlot::returned() {
  const std::lock_guard lock(mutex_);
  has_returned_ = true;
  return std::move(early_);
}

void ReplySlot::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

Reply::~Reply() {
  if (slot_) slot_->answer(problem(500, "The handler of this path has given no answer."));
}

}  // namespace tidings
