// A channel's history: encoded events in the order of their sequence numbers, bounded in count, bytes and age.
//
//   segments:  [ e1 e2 e3 ][ e4 e5 ][ e6 … free ]      append only; a reader's bytes never move
//   entries:     first ──────────────────► next        where each event lies: O(1) by its number
//
// Each event lies there as a chunk of HTTP/1.1's chunked coding, so that a run of events is sent as it lies, in one
// write. Inside a chunk is the event's block as it is, for a client of HTTP/1.0.
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

#include "tidings/protocol/encode.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class EventLog {
 public:
  using Sequence = std::uint64_t;

  struct Limits {
    std::size_t max_events = 1000;
    std::size_t max_bytes = std::size_t{1} << 20;  // of encoded events
    std::chrono::milliseconds max_age = std::chrono::hours(1);
  };

  // An encoded event of more bytes can't be appended.
  static constexpr std::size_t kMostEventBytes = UINT32_MAX;

  // A run of whole events that lie one behind the other. The bytes stay valid as long as the pin is held.
  struct Run {
    std::shared_ptr<const void> pin;
    std::string_view chunks;  // the events, each as a chunk
    std::string_view block;   // the first event, as it was appended
    EventLines lines;         // of the first event
    Sequence next = 0;        // the event after the run
    Clock::Time time;         // when the run's last event was appended
    bool is_newest = false;   // the log ends with the run

    bool is_empty() const { return chunks.empty(); }
    // The first event's type; empty where it has none.
    std::string_view type() const {
      constexpr std::size_t kName = std::string_view("event: ").size(), kEnd = 1;
      const std::size_t size = lines.data - lines.type;
      return size == 0 ? std::string_view() : block.substr(lines.type + kName, size - kName - kEnd);
    }
  };

  // The first event gets the sequence number `first`.
  EventLog(Limits limits, Sequence first) : limits_(limits), first_(first) {}

  // Appends an encoded event, whose sequence number is next() before the call, and drops the oldest events until the
  // limits on count, bytes and age hold; the newest is never dropped for its size. Throws std::length_error for an
  // event above kMostEventBytes.
  void append(std::string_view block, const EventLines& lines, Clock::Time now);
  // Drops the events that are too old.
  void expire(Clock::Time now);
  // Drops all events; the sequence numbers go on.
  void clear();
  // The same, and the next event gets the number `first`.
  void begin_at(Sequence first);

  // The sequence numbers of the first event kept, and of the one after the last; equal when none is kept.
  Sequence first() const { return first_; }
  Sequence next() const { return first_ + count(); }
  bool is_empty() const { return !entries_; }
  std::size_t bytes() const { return bytes_; }
  // When the first event was appended; of a log that has one.
  Clock::Time oldest() const { return entries_->front().time; }

  // The event `from`, which must be kept, and those that lie behind it in its segment, as long as all of them are at
  // most `max_bytes`; at least one.
  Run read(Sequence from, std::size_t max_bytes) const;

 private:
  struct Segment {
    std::shared_ptr<char[]> bytes;
    std::size_t capacity = 0, size = 0;
  };
  struct Entry {
    std::shared_ptr<char[]> segment;
    const char* chunk;
    std::uint32_t chunk_size, block_size, type, data, id;  // of the lines: where they begin
    Clock::Time time;
  };

  std::size_t count() const { return entries_ ? entries_->size() : 0; }
  void drop_first();

  Limits limits_;
  Sequence first_;
  std::optional<std::deque<Entry>> entries_;  // empty when nothing is kept: a deque without members takes memory too
  Segment current_;
  std::size_t bytes_ = 0;
};

}  // namespace tidings
