// A channel's history: encoded events in the order of their sequence numbers, bounded in count, bytes and age.
//
//   segments:  [ e1 e2 e3 ][ e4 e5 ][ e6 … free ]      append only; a reader's bytes never move
//   entries:     first ──────────────────► next        where each event lies: O(1) by its number
//
// Not a queue: nobody takes anything out. Readers hold cursors, which are sequence numbers. Not thread-safe: Channel
// locks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/clock.h"

namespace tidings {

class EventLog {
 public:
  using Sequence = std::uint64_t;

  struct Limits {
    std::size_t max_events = 1000;
    std::size_t max_bytes = std::size_t{1} << 20;  // of encoded events
    std::chrono::milliseconds max_age = std::chrono::hours(1);
  };

  // A run of whole events that lie one behind the other. The bytes stay as long as the pin.
  struct Run {
    std::shared_ptr<const void> pin;
    std::string_view bytes;
    Sequence next = 0;       // the event after the run
    Clock::Time time;        // when the run's last event was appended
    bool is_newest = false;  // the log ends with the run
  };

  explicit EventLog(Limits limits) : limits_(limits) {}

  // Appends an encoded event and drops what the limits no longer allow; the newest is always kept. Its number is
  // next() before the call.
  void append(std::string_view encoded, Clock::Time now);
  // Drops what is too old.
  void expire(Clock::Time now);

  // The first event kept, and the one after the last; equal when nothing is kept.
  Sequence first() const { return first_; }
  Sequence next() const { return first_ + entries_.size(); }
  bool is_empty() const { return entries_.empty(); }
  std::size_t bytes() const { return bytes_; }
  // When the oldest event kept becomes too old.
  std::optional<Clock::Time> expiry() const;

  // The event `from`, which must be kept, and those behind it, about as many as `max_bytes` hold and at least one.
  Run read(Sequence from, std::size_t max_bytes) const;

 private:
  struct Segment {
    std::shared_ptr<char[]> bytes;
    std::size_t capacity = 0, size = 0;
  };
  struct Entry {
    std::shared_ptr<char[]> segment;
    const char* begin;
    std::size_t size;
    Clock::Time time;
  };

  void drop_first();

  Limits limits_;
  Sequence first_ = 1;
  std::deque<Entry> entries_;
  Segment current_;
  std::size_t bytes_ = 0;
};

}  // namespace tidings
