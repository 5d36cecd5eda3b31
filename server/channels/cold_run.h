// Events that are no longer in memory, read from the history for the subscribers that are that far behind: a short log
// of its own, which is gone when the last of them has stepped over it. Filled by one thread, before any other reads it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "tidings/server/channels/event_log.h"

namespace tidings {

class ColdRun {
 public:
  enum class State {
    kAwaited,  // it is being read
    kThere,    // it can be read
    kRefused,  // it could not be read now: ask again in a moment
  };
  // `count` is of all runs that there are.
  explicit ColdRun(std::shared_ptr<std::atomic<std::size_t>> count) : count_(std::move(count)), among_(++*count_) {}
  ColdRun(const ColdRun&) = delete;
  ColdRun& operator=(const ColdRun&) = delete;
  ~ColdRun() { --*count_; }

  // How many bytes of events it should have: many where there are few runs, so that who is behind asks seldom, and each
  // less where a crowd is behind, so that all of them together stay small.
  std::size_t share() const { return std::clamp(kAllBytes / among_, kLeastBytes, kMostBytes); }

  State state() const { return state_.load(std::memory_order_acquire); }

  // Whether it is there and has this event.
  bool has(EventLog::Sequence sequence) const {
    return state() == State::kThere && log_->first() <= sequence && sequence < log_->next();
  }
  // The first event that it has. Where that is another than the one that was asked for, those before it are missing
  // from the history. Of a run that is there.
  EventLog::Sequence first() const { return log_->first(); }
  // As EventLog::read(), of an event that it has; the newest event of the channel is not among its own.
  EventLog::Run read(EventLog::Sequence from, std::size_t max_bytes) const {
    EventLog::Run run = log_->read(from, max_bytes);
    run.is_newest = false;
    return run;
  }

  // For who fills it.
  EventLog& begin(EventLog::Sequence first) { return log_.emplace(kNoLimits, first); }
  void set_there() { state_.store(State::kThere, std::memory_order_release); }
  void set_refused() { state_.store(State::kRefused, std::memory_order_release); }

 private:
  static constexpr std::size_t kAllBytes = std::size_t{16} << 20, kLeastBytes = 16 * 1024, kMostBytes = 128 * 1024;
  static constexpr EventLog::Limits kNoLimits{.max_events = std::numeric_limits<std::size_t>::max(),
                                              .max_bytes = std::numeric_limits<std::size_t>::max(),
                                              .max_age = std::chrono::hours(24 * 365 * 100)};

  const std::shared_ptr<std::atomic<std::size_t>> count_;
  const std::size_t among_;  // so many, with this one, when it was made
  std::atomic<State> state_ = State::kAwaited;
  std::optional<EventLog> log_;
};

}  // namespace tidings
