// A server with its subscribers of one channel, published to in rounds: several trials take turns, so that a noisy
// machine treats them alike. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/deliveries.h"
#include "bench/percentiles.h"
#include "bench/publisher.h"
#include "bench/server_process.h"
#include "bench/stream_clients.h"
#include "bench/verdict.h"

namespace tidings::bench {

class ChannelTrial {
 public:
  static constexpr const char* kChannel = "load";

  struct Load {
    std::size_t subscribers = 0, bytes = 0;
    std::size_t rate = 0;  // events a second
  };

  // The medians of its rounds.
  struct Figures {
    double cpu_us = 0, least_cpu_us = 0, most_cpu_us = 0;  // the server's, for a delivered event
    double own_cpu_us = 0;                                 // the load generator's
    double p50_ms = 0, p99_ms = 0, max_ms = 0;             // delays; the maximum is that of all rounds
    double rate = 0;                                       // events a second that the server took
    double most_late_ms = 0;                               // the publisher, behind its schedule, in all rounds
  };

  // Starts the server and publishes `earlier` events before anyone subscribes.
  ChannelTrial(const std::filesystem::path& program, const std::vector<std::string>& arguments, const Load& load,
               std::size_t earlier = 0);

  // False where a stream did not open.
  bool open(Verdict& verdict);
  // The server's memory for each of the subscribers, who have got nothing yet. After open().
  double idle_kib() const { return idle_kib_; }

  // Publishes for that long, fewer events where the server does not keep up, and waits for the last to arrive, for 20 s
  // at most. Returns the server's CPU for a delivered event, in microseconds.
  double run_round(std::chrono::milliseconds time);
  Figures figures();

  // Everything came, and the server stops as it should.
  void finish(Verdict& verdict);

  ServerProcess& server() { return server_; }
  std::size_t delivered() const { return deliveries_.count(); }

 private:
  Load load_;
  ServerProcess server_;
  Deliveries deliveries_;
  std::optional<Publisher> publisher_;
  std::optional<StreamClients> clients_;
  std::optional<std::uint64_t> first_;
  std::uint64_t last_ = 0;
  double idle_kib_ = 0;
  Percentiles cpu_us_, own_cpu_us_, p50_ms_, p99_ms_, max_ms_, rate_, late_ms_;
};

}  // namespace tidings::bench
