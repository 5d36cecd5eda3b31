// What one loop counts, for /metrics. Its loop's thread writes, any thread reads; a reader sees each value whole, but
// not all of them as they were at one moment.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "tidings/server/loop/end_reason.h"

namespace tidings {

// A number that the loop's thread changes; of what is open now it goes down again, of what has happened it only goes
// up.
class Count {
 public:
  void add(std::int64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};  // one writer: no locked instruction
};

// How often something took how long: a count for each bucket, which has one of these upper bounds or, the last, none.
class Histogram {
 public:
  static constexpr std::array<double, 10> kBoundsSeconds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2};

  void observe(std::chrono::nanoseconds time, std::int64_t times = 1) {
    const double seconds = std::chrono::duration<double>(time).count();
    std::size_t bucket = 0;
    while (bucket < kBoundsSeconds.size() && seconds > kBoundsSeconds[bucket]) ++bucket;
    buckets_[bucket].add(times);
    nanoseconds_.add(time.count() * times);
  }

  // Of this bucket alone, without those below it.
  std::int64_t count(std::size_t bucket) const { return buckets_[bucket].value(); }
  double sum_seconds() const { return static_cast<double>(nanoseconds_.value()) / 1e9; }

 private:
  std::array<Count, kBoundsSeconds.size() + 1> buckets_;
  Count nanoseconds_;
};

struct alignas(64) LoopMetrics {
  Count connections;         // open now, streams included
  Count streams;             // open now
  Count opened_streams;      // in all
  Count frames;              // generator frames alive now
  Count blocked;             // streams whose last bytes the client has not taken yet
  Count requests;            // answered or turned into a stream, in all
  Count refused_requests;    // answered by the gateway itself: malformed, too large or too slow
  Count refused_streams;     // by a limit, by their generator or for what they asked
  Count events;              // handed to the kernel, in all
  Count bytes;               // of streams handed to the kernel, in all
  Count generator_failures;  // ended by an exception
  Count failures;            // handlers, hooks, content providers and posted work that ended by an exception
  Count slow_steps;          // of the application's code on the loop, which took longer than StepWatch::kMost
  Count gaps;                // gap events sent
  Count replayed;            // events that were in a channel's log before their subscriber came
  std::array<Count, kEndReasonNames.size()> ended_streams;  // by why: ended()
  Histogram publish_lag;  // from publish() to the socket, for each send of a channel's events
  Histogram loop_lag;     // from a timer's deadline to its firing, for each turn that fires any

  Count& ended(EndReason reason) { return ended_streams[static_cast<std::size_t>(reason)]; }
  const Count& ended(EndReason reason) const { return ended_streams[static_cast<std::size_t>(reason)]; }
};

// Adds one to a count for as long as it lives.
class Counted {
 public:
  explicit Counted(Count& count) : count_(count) { count_.add(1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { count_.add(-1); }

 private:
  Count& count_;
};

}  // namespace tidings
