#include "tidings/server/history/history_queue.h"

#include <algorithm>
#include <utility>

namespace tidings {

std::size_t HistoryQueue::Append::bytes() const {
  return sizeof *this + name.size() + block.size() + (key ? key->size() : 0);
}

HistoryQueue::Pushed HistoryQueue::push(Append& append) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Pushed::kClosed;
  const std::size_t bytes = append.bytes();
  if (bytes_ > 0 && bytes > max_bytes_ - std::min(max_bytes_, bytes_)) return Pushed::kTooMuch;
  bytes_ += bytes;
  appends_.push_back(std::move(append));
  if (waiting() >= wanted_) ready_.notify_one();
  return Pushed::kTaken;
}

HistoryQueue::Pushed HistoryQueue::push(Opening& opening) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Pushed::kClosed;
  if (openings_.size() >= max_openings_) return Pushed::kTooMuch;
  openings_.push_back(std::move(opening));
  ready_.notify_one();
  return Pushed::kTaken;
}

HistoryQueue::Pushed HistoryQueue::push(Clearing& clearing) {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return Pushed::kClosed;
  if (clearings_.size() >= kMostClearings) return Pushed::kTooMuch;
  clearings_.push_back(std::move(clearing));
  ready_.notify_one();
  return Pushed::kTaken;
}

HistoryQueue::Batch HistoryQueue::take(std::size_t max_bytes) {
  Batch batch;
  const std::lock_guard lock(mutex_);
  batch.openings.swap(openings_);
  batch.clearings.swap(clearings_);
  for (std::size_t bytes = 0; waiting() > 0 && bytes < max_bytes; ++taken_) {
    bytes += appends_[taken_].bytes();
    batch.appends.push_back(std::move(appends_[taken_]));
  }
  if (taken_ == appends_.size()) {
    appends_.clear();
    taken_ = 0;
  }
  return batch;
}

void HistoryQueue::done(const Batch& batch) {
  std::size_t bytes = 0;
  for (const Append& append : batch.appends) bytes += append.bytes();
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
  expected_ = (batch.appends.size() + waiting() + 3) / 4;
}

void HistoryQueue::wait_for(std::size_t appends, std::chrono::nanoseconds time) {
  std::unique_lock lock(mutex_);
  wanted_ = appends;
  ready_.wait_for(lock, time,
                  [&] { return is_closed_ || !openings_.empty() || !clearings_.empty() || waiting() >= appends; });
}

void HistoryQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  ready_.notify_all();
}

bool HistoryQueue::is_closed() const {
  const std::lock_guard lock(mutex_);
  return is_closed_;
}

bool HistoryQueue::is_empty() const {
  const std::lock_guard lock(mutex_);
  return openings_.empty() && clearings_.empty() && waiting() == 0;
}

}  // namespace tidings
