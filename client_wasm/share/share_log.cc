#include "tidings/client_wasm/share/share_log.h"

#include <utility>

namespace tidings {

void ShareLog::clear() {
  while (base_ != nullptr) delete std::exchange(base_, base_->next);
}

void ShareLog::begin_at(SharePosition position, std::string_view id) {
  ShareMessage base;
  base.position = position;
  base.id = id;
  ShareMessage* const copy = base.copy();
  clear();
  has_returned_ = false;
  base_ = copy;
}

void ShareLog::append(const ShareMessage& message) {
  std::size_t count = 0;
  std::size_t bytes = message.data.size();
  ShareMessage** end = &base_;
  for (; *end != nullptr && !(*end)->may_return; end = &(*end)->next) {
    ++count;
    bytes += (*end)->data.size();
  }
  ShareMessage* const copy = message.copy();
  copy->next = *end;
  *end = copy;
  for (; count > kMostEvents || (bytes > kMostBytes && count > 1); --count) {
    bytes -= base_->data.size();
    delete std::exchange(base_, base_->next);
    base_->may_return = false;
  }
}

ShareMessage* ShareLog::after(const ShareMessage* message) {
  ShareMessage* next = message->next;
  while (next != nullptr && next->may_return) next = next->next;
  return next;
}

SharePosition ShareLog::find(std::string_view id) const {
  SharePosition found = 0;
  for (const ShareMessage* message = base_; message != nullptr; message = after(message)) {
    if ((message == base_ || message->has_own_id) && message->id == id) found = message->position;
  }
  return found;
}

bool ShareLog::expects() const {
  const ShareMessage* message = base_;
  while (message != nullptr && !message->may_return) message = message->next;
  return message != nullptr;
}

void ShareLog::expect_none_up_to(const ShareMessage* last) {
  for (ShareMessage* message = base_;; message = message->next) {
    message->may_return = false;
    if (message == last) return;
  }
}

bool ShareLog::expect_after(SharePosition position) {
  for (ShareMessage* message = base_; message != nullptr; message = message->next) {
    message->may_return |= position < message->position;
  }
  base_->may_return = false;
  return position >= base_->position;
}

bool ShareLog::expect_after(std::string_view id) {
  const ShareMessage* known = nullptr;
  for (ShareMessage* message = base_; message != nullptr; message = message->next) {
    message->may_return = true;
    if (message->id == id) known = message;
  }
  has_returned_ = false;
  expect_none_up_to(known != nullptr ? known : base_);
  return known != nullptr;
}

bool ShareLog::take_again(const ShareMessage& message) {
  const ShareMessage* found = base_;
  while (found != nullptr && !(found->may_return && found->has_own_id && found->id == message.id)) found = found->next;
  if (found == nullptr) return false;
  ShareMessage* const copy = message.copy();
  // Those that the new leader has left out leave the log too, if they stand behind what has come again.
  ShareMessage* before = base_;
  while (before->next != found) {
    ShareMessage* const next = before->next;
    if (next->position < before->position) {
      before->next = next->next;
      delete next;
    } else {
      next->may_return = false;
      before = next;
    }
  }
  copy->next = found->next;
  before->next = copy;
  delete found;
  // Events without an id of their own that followed it are out of order now.
  while (copy->next != nullptr && !copy->next->has_own_id) delete std::exchange(copy->next, copy->next->next);
  has_returned_ = expects();
  return true;
}

void ShareLog::expect_none() {
  for (ShareMessage** at = &base_; *at != nullptr;) {
    ShareMessage* const message = *at;
    if (message->may_return && has_returned_) {
      *at = message->next;
      delete message;
      continue;
    }
    message->may_return = false;
    at = &message->next;
  }
  has_returned_ = false;
}

}  // namespace tidings
