// What one loop counts, for /metrics. Written by its loop, read by any thread; a reader sees each value whole but not
// all of one moment.
#pragma once

#include <atomic>
#include <cstdint>

namespace tidings {

class Count {
 public:
  void add(std::int64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};  // one writer: no locked instruction
};

struct alignas(64) Gauges {
  Count connections;         // open now, streams included
  Count streams;             // open now
  Count frames;              // generator frames alive now
  Count blocked;             // streams whose last bytes the client has not taken yet
  Count requests;            // answered or turned into a stream, in all
  Count refused_requests;    // answered by the gateway itself: malformed, too large or too slow
  Count events;              // handed to the kernel, in all
  Count bytes;               // of streams handed to the kernel, in all
  Count generator_failures;  // ended by an exception
  Count slow_disconnects;    // streams ended since the client did not read
  Count gaps;                // gap events sent
};

// Adds one for as long as it lives.
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
