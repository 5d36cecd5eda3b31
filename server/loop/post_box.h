// The way to a loop for who may outlive it: what is posted after the loop has gone is dropped. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace tidings {

class PostBox {
 public:
  using Work = std::function<void()>;

  explicit PostBox(std::function<void(Work)> post) : post_(std::move(post)) {}

  // Runs `work` on the loop soon, never within this call; never at all, where the loop is gone or goes before that.
  void post(Work work) {
    const std::lock_guard lock(mutex_);
    if (post_) post_(std::move(work));
  }
  // By the loop, before it goes.
  void close() {
    const std::lock_guard lock(mutex_);
    post_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void(Work)> post_;
};

}  // namespace tidings
