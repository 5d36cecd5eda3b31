#include "client_wasm/share_log.h"

namespace tidings {

void ShareLog::clear() {
  while (first_ != nullptr) drop_first();
}

void ShareLog::begin_at(SharePosition position, std::string_view id) {
  clear();
  has_returned_ = false;
  before_ = position;
  before_id_ = id;
}

void ShareLog::drop_first() {
  Entry* const entry = first_;
  before_ = entry->position;
  before_id_ = entry->id;
  first_ = entry->next;
  if (first_ == nullptr) last_ = nullptr;
  --count_;
  bytes_ -= entry->data.size();
  expected_ -= entry->may_return ? 1 : 0;
  delete entry;
}

void ShareLog::append(SharePosition position, std::string_view type, std::string_view data, std::string_view id) {
  Entry* const entry = new Entry;
  entry->position = position;
  entry->type = type;
  entry->data = data;
  entry->id = id;
  (last_ == nullptr ? first_ : last_->next) = entry;
  last_ = entry;
  ++count_;
  bytes_ += data.size();
  if (count_ > limits_.events) drop_first();
  for (Entry* old = first_; bytes_ > limits_.bytes; old = old->next) {
    bytes_ -= old->data.size();
    if (old->is_whole) std::string().swap(old->data);
    old->is_whole = false;
  }
}

ShareLog::Found ShareLog::after(SharePosition position) const {
  Found found{!(position < before_), nullptr, first()};
  while (found.first != nullptr && !(position < found.first->position)) {
    found.base = found.first;
    found.first = passed_on(found.first->next);
  }
  for (const Entry* entry = found.first; entry != nullptr; entry = passed_on(entry->next)) {
    found.is_whole &= entry->is_whole;
  }
  return found;
}

const ShareLog::Entry* ShareLog::newest_hollow() const {
  const Entry* newest = nullptr;
  for (const Entry* entry = first(); entry != nullptr; entry = passed_on(entry->next)) {
    if (!entry->is_whole) newest = entry;
  }
  return newest;
}

const ShareLog::Entry* ShareLog::passed_on(const Entry* entry) {
  while (entry != nullptr && entry->may_return) entry = entry->next;
  return entry;
}

bool ShareLog::expect_after(SharePosition position) {
  expected_ = 0;
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) {
    entry->may_return |= position < entry->position;
    expected_ += entry->may_return ? 1 : 0;
  }
  return !(position < before_);
}

bool ShareLog::expect_after(std::string_view id) {
  bool is_known = id == before_id_;
  expected_ = 0;
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) {
    entry->may_return = true;
    ++expected_;
    if (entry->id == id) {
      take_again(id, entry->position);
      is_known = true;
    }
  }
  has_returned_ = false;
  return is_known;
}

bool ShareLog::take_again(std::string_view id, SharePosition position) {
  Entry* found = first_;
  while (found != nullptr && !(found->may_return && found->id == id)) found = found->next;
  if (found == nullptr) return false;
  found->position = position;
  has_returned_ = true;
  for (Entry* entry = first_; entry != found->next; entry = entry->next) {
    expected_ -= entry->may_return ? 1 : 0;
    entry->may_return = false;
  }
  if (expected_ == 0) has_returned_ = false;
  return true;
}

void ShareLog::expect_none() {
  last_ = nullptr;
  for (Entry** at = &first_; *at != nullptr;) {
    Entry* const entry = *at;
    if (entry->may_return && has_returned_) {
      *at = entry->next;
      --count_;
      bytes_ -= entry->data.size();
      delete entry;
      continue;
    }
    entry->may_return = false;
    last_ = entry;
    at = &entry->next;
  }
  expected_ = 0;
  has_returned_ = false;
}

}  // namespace tidings
