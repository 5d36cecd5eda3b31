#include "tidings/bench/load/redis_benchmark.h"

#include <arpa/inet.h>

#include <cstdio>
#include <stdexcept>
#include <string>

#include "tidings/bench/load/addresses.h"

namespace tidings::bench {

RedisBenchmark redis_benchmark(std::uint16_t port, std::size_t clients, std::size_t entries, std::size_t bytes) {
  in_addr host{};
  host.s_addr = htonl(addresses.server);
  char name[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &host, name, sizeof name);
  const std::string command = std::string("redis-benchmark -h ") + name + " -p " + std::to_string(port) + " -c " +
                              std::to_string(clients) + " -n " + std::to_string(entries) + " --csv XADD load '*' d " +
                              std::string(bytes, 'x');
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("redis-benchmark can't be started");
  std::string text;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, count);
  // A line of names: "test","rps","avg_latency_ms","min…","p50…","p95…","p99…","max…"; and one of values.
  RedisBenchmark found;
  const bool has_ended_well = pclose(pipe) == 0;
  const std::size_t line = text.find("\n\"XADD");
  const std::size_t values = line == std::string::npos ? line : text.find("\",\"", line);
  if (!has_ended_well || values == std::string::npos ||
      std::sscanf(text.c_str() + values, "\",\"%lf\",\"%*f\",\"%*f\",\"%lf\",\"%*f\",\"%lf\"", &found.per_second,
                  &found.p50_ms, &found.p99_ms) != 3) {
    throw std::runtime_error("redis-benchmark says nothing that can be understood: " + text);
  }
  return found;
}

}  // namespace tidings::bench
