// The memory of requests of which only a part has come: how much all connections together keep, and a bound for the
// sum. Beyond the bound a connection that keeps more than an equal share of it has to go, and one that keeps less may
// stay: a client that fills the memory locks nobody else out. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tidings {

class UnfinishedRequests {
 public:
  // What one connection keeps, given back when it is destroyed. One thread at a time.
  class Share {
   public:
    explicit Share(UnfinishedRequests& all) : all_(all) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { set(0); }

    // From now on the connection keeps so many bytes. False when it may not and has to go.
    bool set(std::size_t bytes) {
      const std::size_t before = std::exchange(bytes_, bytes);
      if (before == 0 && bytes > 0) ++all_.shares_;
      if (before > 0 && bytes == 0) --all_.shares_;
      const std::size_t sum = all_.bytes_ += bytes - before;  // modulo 2^64, so that it may also sink
      return bytes == 0 || sum <= all_.most_ || bytes <= all_.most_ / all_.shares_;
    }

   private:
    UnfinishedRequests& all_;
    std::size_t bytes_ = 0;
  };

  // The bound. Equal shares of it may stay when the sum is reached, so that at most twice as much is kept.
  explicit UnfinishedRequests(std::size_t most) : most_(most) {}

 private:
  const std::size_t most_;
  std::atomic<std::size_t> bytes_ = 0, shares_ = 0;  // the shares that are not empty
};

}  // namespace tidings
