// What was handed in and waits for the writer: bounded in bytes, and in the names that wait to be opened or cleared;
// taken by the batch. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/history/history.h"

namespace tidings {

class HistoryQueue {
 public:
  struct Opening {
    std::string name;
    std::weak_ptr<History::Sink> sink;
    History::OnOpened on_opened;
  };

  struct Append {
    std::string name, block;
    std::optional<std::string> key;
    History::OnReceipt on_receipt;

    std::size_t bytes() const;
  };

  struct Clearing {
    std::string name;
    History::OnCleared on_cleared;
  };

  struct Batch {
    std::vector<Opening> openings;
    std::vector<Clearing> clearings;
    std::vector<Append> appends;
  };

  HistoryQueue(std::size_t max_bytes, std::size_t max_openings) : max_bytes_(max_bytes), max_openings_(max_openings) {}

  enum class Pushed { kTaken, kTooMuch, kClosed };
  // What is not taken stays the caller's. One append is taken whatever its size when nothing else waits.
  Pushed push(Append& append);
  Pushed push(Opening& opening);
  Pushed push(Clearing& clearing);

  // Everything that opens or clears, and appends of about so many bytes. They count as waiting until done() is told,
  // which is before anybody is answered.
  Batch take(std::size_t max_bytes);
  void done(const Batch& batch);

  // Waits until there is something to take, or the queue is closed, or the time is over.
  void wait(std::chrono::milliseconds time) { wait_for(1, time); }
  // Waits until a quarter of the appends wait that there were when done() was told, with those that it was told of; the
  // same otherwise. So publishers who were just answered and come back with their next share what is done for others;
  // and while some of them are written, others are answered, or on their way.
  void gather(std::chrono::nanoseconds time) { wait_for(expected_, time); }
  // Nothing more is taken in.
  void close();
  bool is_closed() const;
  bool is_empty() const;

 private:
  static constexpr std::size_t kMostClearings = 1024;

  void wait_for(std::size_t appends, std::chrono::nanoseconds time);
  std::size_t waiting() const { return appends_.size() - taken_; }

  const std::size_t max_bytes_, max_openings_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Opening> openings_;
  std::vector<Clearing> clearings_;
  std::vector<Append> appends_;
  std::size_t taken_ = 0;  // of appends_, from its beginning
  std::size_t bytes_ = 0;
  std::size_t expected_ = 1;  // by gather()
  std::size_t wanted_ = 1;    // so many appends wake who waits
  bool is_closed_ = false;
};

}  // namespace tidings
