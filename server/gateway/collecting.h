// What all connections together keep of requests that have come in part, bounded in sum. Beyond the bound it is those
// who keep more than their share that have to go, so that whoever fills it locks nobody else out. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace tidings {

class Collecting {
 public:
  // One connection's part, given back when it is destroyed. One thread at a time.
  class Part {
   public:
    explicit Part(Collecting& all) : all_(all) {}
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { set(0); }

    // Whether it may keep so many bytes.
    bool set(std::size_t bytes) {
      const std::size_t before = std::exchange(bytes_, bytes);
      if (before == 0 && bytes > 0) ++all_.parts_;
      if (before > 0 && bytes == 0) --all_.parts_;
      const std::size_t sum = all_.bytes_ += bytes - before;  // modulo 2^64, as the sum is
      return bytes == 0 || sum <= all_.most_ || bytes <= all_.most_ / all_.parts_;
    }

   private:
    Collecting& all_;
    std::size_t bytes_ = 0;
  };

  // In sum no more than twice `most` bytes are kept.
  explicit Collecting(std::size_t most) : most_(most) {}

 private:
  const std::size_t most_;
  std::atomic<std::size_t> bytes_ = 0, parts_ = 0;
};

}  // namespace tidings
