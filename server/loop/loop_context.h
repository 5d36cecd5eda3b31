// The io_context that a loop is on: one of its own, which goes with it, or one of the program's, which stays. What was
// posted and has not run when the loop goes is destroyed then, in either; and what waits for something in the program's
// does nothing any more when that comes. Source: the documentation of Asio, "io_context::~io_context". Loop thread
// only, but for post() and context().
#pragma once

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace tidings {

// What ServerOptions has of an io_context of the program's.
struct ProgramsContext {
  asio::io_context& context;
};

class LoopContext {
 public:
  // Null: one of its own.
  explicit LoopContext(asio::io_context* programs = nullptr)
      : context_(programs ? *programs : own_.emplace(1)), kept_(programs ? std::make_shared<Kept>() : nullptr) {}
  LoopContext(const LoopContext&) = delete;
  LoopContext& operator=(const LoopContext&) = delete;
  // What it destroys may still post, which is destroyed as well.
  ~LoopContext() {
    if (kept_) kept_->drop();
  }

  asio::io_context& context() { return context_; }

  template <class Work>
  void post(Work&& work) {
    if (!kept_) return asio::post(context_, std::forward<Work>(work));
    kept_->add(std::make_unique<Held<std::decay_t<Work>>>(std::forward<Work>(work)));
    asio::post(context_, [kept = kept_] { kept->run_next(); });
  }

  // For what is begun on context() with a handler that touches the loop, or what goes with it.
  template <class Handler>
  auto guarded(Handler handler) const {
    return [kept = kept_, handler = std::move(handler)](const auto&... results) mutable {
      if (!kept || !kept->is_dropped()) handler(results...);
    };
  }

 private:
  // Some work, which need not be copyable.
  class Posted {
   public:
    virtual ~Posted() = default;
    virtual void run() = 0;
  };
  template <class Work>
  class Held final : public Posted {
   public:
    explicit Held(Work work) : work_(std::move(work)) {}
    void run() override { work_(); }

   private:
    Work work_;
  };

  // What the program's context has of the loop: handlers, each for the next of these works.
  class Kept {
   public:
    void add(std::unique_ptr<Posted> work) {
      const std::lock_guard lock(mutex_);
      works_.push_back(std::move(work));
    }
    void run_next() {
      if (const std::unique_ptr<Posted> next = take()) next->run();
    }
    void drop() {
      is_dropped_ = true;
      while (take()) {
      }
    }
    bool is_dropped() const { return is_dropped_; }

   private:
    std::unique_ptr<Posted> take() {
      const std::lock_guard lock(mutex_);
      if (works_.empty()) return nullptr;
      std::unique_ptr<Posted> next = std::move(works_.front());
      works_.pop_front();
      return next;
    }

    std::mutex mutex_;
    std::deque<std::unique_ptr<Posted>> works_;
    bool is_dropped_ = false;  // the loop is gone
  };

  std::optional<asio::io_context> own_;
  asio::io_context& context_;
  const std::shared_ptr<Kept> kept_;  // null: the context is the loop's own
};

}  // namespace tidings
