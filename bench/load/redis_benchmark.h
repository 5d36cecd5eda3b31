// What redis-benchmark, which comes with Redis, says of it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidings::bench {

struct RedisBenchmark {
  double per_second = 0, p50_ms = 0, p99_ms = 0;
};

// So many entries of so many bytes, by XADD to one stream, from so many clients that wait for each answer. Throws
// std::runtime_error where the program is not there or says nothing that can be understood.
RedisBenchmark redis_benchmark(std::uint16_t port, std::size_t clients, std::size_t entries, std::size_t bytes);

}  // namespace tidings::bench
