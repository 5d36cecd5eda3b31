#include "bench/server_gauges.h"

#include <stdexcept>
#include <thread>

namespace tidings::bench {
namespace {

std::int64_t value_of(const std::string& text, const std::string& name) {
  const std::size_t line = text.find('\n' + name + ' ');
  if (line == std::string::npos) throw std::runtime_error("/metrics has no " + name);
  return std::stoll(text.substr(line + name.size() + 2));
}

}  // namespace

std::int64_t gauge_of(PageClient& client, const std::string& name) {
  return value_of(client.get("/metrics").body, name);
}

ServerGauges gauges_of(PageClient& client) {
  const std::string text = client.get("/metrics").body;
  return {.connections = value_of(text, "tidings_connections"),
          .streams = value_of(text, "tidings_streams"),
          .frames = value_of(text, "tidings_frames")};
}

ServerGauges wait_for_gauges(PageClient& client, const ServerGauges& wanted, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  for (;;) {
    const ServerGauges gauges = gauges_of(client);
    if (gauges == wanted || std::chrono::steady_clock::now() >= deadline) return gauges;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace tidings::bench
