#include "tidings/server/loop/workers.h"

#include <system_error>
#include <utility>

namespace tidings {

bool Workers::add(const std::shared_ptr<Work>& work) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_ || waiting_.size() >= options_.max_waiting) return false;
  if (waiting_.size() >= idle_ && threads_.size() < options_.threads) make_thread();
  work->place_ = waiting_.insert(waiting_.end(), work);
  ready_.notify_one();
  return true;
}

void Workers::make_thread() {
  try {
    threads_.emplace_back([this] { this->work(); });
  } catch (const std::system_error&) {
    if (threads_.empty()) throw;  // else those that there are have more to do
  }
}

void Workers::remove(Work& work) {
  std::shared_ptr<Work> removed;  // destroyed outside the lock
  const std::lock_guard lock(mutex_);
  if (!work.place_) return;
  removed = std::move(**work.place_);
  waiting_.erase(*std::exchange(work.place_, std::nullopt));
}

void Workers::work() {
  if (options_.processors) options_.processors->take();
  for (std::unique_lock lock(mutex_);;) {
    ++idle_;
    ready_.wait(lock, [this] { return is_stopped_ || !waiting_.empty(); });
    --idle_;
    if (is_stopped_) return;
    std::shared_ptr<Work> next = std::move(waiting_.front());
    waiting_.pop_front();
    next->place_.reset();
    lock.unlock();
    next->run();
    next = nullptr;  // perhaps its last holder
    lock.lock();
  }
}

void Workers::stop() {
  std::list<std::shared_ptr<Work>> dropped;
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (const std::shared_ptr<Work>& each : waiting_) each->place_.reset();
    dropped.swap(waiting_);
    threads.swap(threads_);
  }
  dropped.clear();
  ready_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace tidings
