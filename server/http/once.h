// Between the worker that calls a function of the application and whoever gives it what it asks for: within the call,
// or later from any thread, once. For the router, and for what is handed to applications (Reply, Pass). Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace tidings {

template <class Value>
class Once {
 public:
  // `deliver` takes a value that comes after the function has returned. Any thread calls it, once or never.
  explicit Once(std::function<void(Value)> deliver) : deliver_(std::move(deliver)) {}

  void give(Value value) {
    std::function<void(Value)> deliver;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(is_closed_, true)) return;
      if (!has_returned_) {
        early_ = std::move(value);
        return;
      }
      deliver = std::move(deliver_);
    }
    deliver(std::move(value));
  }

  // The function has returned. The value, if it has come; from now on it is delivered.
  std::optional<Value> returned() {
    const std::lock_guard lock(mutex_);
    has_returned_ = true;
    return std::move(early_);
  }

  // The function has thrown, and that is the answer: a value is dropped.
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }

 private:
  std::mutex mutex_;
  bool has_returned_ = false, is_closed_ = false;
  std::optional<Value> early_;
  std::function<void(Value)> deliver_;
};

}  // namespace tidings
