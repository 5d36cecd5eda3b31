// What was handed in and waits for the writer: bounded in bytes, and in the names that wait to be opened; taken by the
// batch. Any thread.
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

  struct Batch {
    std::vector<Opening> openings;
    std::vector<Append> appends;
  };

  HistoryQueue(std::size_t max_bytes, std::size_t max_openings) : max_bytes_(max_bytes), max_openings_(max_openings) {}

  enum class Pushed { kTaken, kTooMuch, kClosed };
  // What is not taken stays the caller's. One append is taken whatever its size when nothing else waits.
  Pushed push(Append& append);
  Pushed push(Opening& opening);

  // Everything that opens, and appends of about so many bytes. They count as waiting until done() is told.
  Batch take(std::size_t max_bytes);
  void done(const Batch& batch);

  // Waits until there is something to take, or the queue is closed, or the time is over.
  void wait(std::chrono::milliseconds time);
  // Nothing more is taken in.
  void close();
  bool is_closed() const;
  bool is_empty() const;

 private:
  const std::size_t max_bytes_, max_openings_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Opening> openings_;
  std::vector<Append> appends_;
  std::size_t taken_ = 0;  // of appends_, from its beginning
  std::size_t bytes_ = 0;
  bool is_closed_ = false;
};

}  // namespace tidings
