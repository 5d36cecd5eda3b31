// The way to a loop for who may outlive it: what is posted after the loop has gone is dropped. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tidings {

class PostBox : public std::enable_shared_from_this<PostBox> {
 public:
  using Work = std::function<void()>;

  // While one lives, what its thread posts waits, and at its end goes to each loop in one piece. For who has much to
  // post at a time: a loop is then woken once, and looks at its queue once. Not within another.
  class Gathering {
   public:
    Gathering() { current = this; }
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;
    ~Gathering() {
      current = nullptr;
      for (auto& [box, works] : gathered_) {
        box->post([works = std::move(works)] {
          for (const Work& work : works) work();
        });
      }
    }

   private:
    friend class PostBox;
    void add(std::shared_ptr<PostBox> box, Work work) {
      for (auto& [known, works] : gathered_) {
        if (known == box) return works.push_back(std::move(work));
      }
      gathered_.emplace_back(std::move(box), std::vector<Work>()).second.push_back(std::move(work));
    }

    static inline thread_local Gathering* current = nullptr;
    std::vector<std::pair<std::shared_ptr<PostBox>, std::vector<Work>>> gathered_;
  };

  explicit PostBox(std::function<void(Work)> post) : post_(std::move(post)) {}

  // Runs `work` on the loop soon, never within this call; never at all, where the loop is gone or goes before that.
  void post(Work work) {
    if (Gathering::current) return Gathering::current->add(shared_from_this(), std::move(work));
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
