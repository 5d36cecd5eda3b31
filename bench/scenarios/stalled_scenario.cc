// Do subscribers that have stopped reading hold up the others, or grow the server?
#include <chrono>
#include <stdexcept>

#include "tidings/bench/load/page_client.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/load/stream_clients.h"
#include "tidings/bench/load/subscribers.h"
#include "tidings/bench/meters/cpu_meter.h"
#include "tidings/bench/scenarios/scenario.h"

namespace tidings::bench {
namespace {

// The receive buffer of a subscriber that has stopped reading: the kernel holds about twice as many bytes at that end,
// and 100 KB at the server's.
constexpr int kReceiveBufferBytes = 4096;
constexpr std::size_t kFillingEvents = 10, kFillingBytes = 50'000;

std::size_t stopped_of(const Load& load) { return load.clients / 10; }

// Checks that so many streams are blocked, which only our server tells.
void expect_blocked(const Trial& trial, std::size_t count) {
  const std::string text = PageClient(trial.server.port()).get("/metrics").body;
  if (text.find("\ntidings_blocked_streams " + std::to_string(count) + "\n") == std::string::npos) {
    throw std::runtime_error("the server does not count " + std::to_string(count) + " blocked streams");
  }
}

Outcome measure(const Trial& trial) {
  const Load& load = trial.load;
  const std::uint16_t port = trial.server.port();
  Subscribers readers(port, trial.contender.target, load.clients - stopped_of(load), 2);
  Publisher publisher(port, "load", load.bytes);
  readers.open();
  const auto p99_ms = [&] {
    readers.deliveries().take_delays_ms();
    readers.receive(load.events, [&] {
      publisher.publish(load.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / load.rate);
    });
    return readers.deliveries().take_delays_ms().at(99);
  };
  const double without_ms = p99_ms();
  const double before_kib = kib_of(trial.server);

  StreamClients stopped(port, trial.contender.target, stopped_of(load),
                        [](std::size_t, const ParsedEvent&, StreamClients::Time) {},
                        {.receive_buffer_bytes = kReceiveBufferBytes});
  stopped.open_all();  // and nothing is read from now on
  readers.receive(kFillingEvents, [&] { Publisher(port, "load", kFillingBytes, 1).publish(kFillingEvents); });
  const std::uint64_t before = readers.deliveries().count();
  const CpuMeter cpu(trial.server.process());
  const double with_ms = p99_ms();
  const double server_us = cpu.server_us() / static_cast<double>(readers.deliveries().count() - before);
  const double grown_kib = kib_of(trial.server) - before_kib;
  if (our_channel_alone(trial.contender).empty()) expect_blocked(trial, stopped_of(load));
  return {.figures = {server_us, without_ms, with_ms, with_ms / without_ms, grown_kib / 1024},
          .lost = readers.lost(),
          .misplaced = readers.deliveries().misplaced()};
}

}  // namespace

Scenario stalled_scenario() {
  return {.name = "stalled",
          .question = "Do subscribers that have stopped reading hold up the others, or grow the server?",
          .load = {.clients = 2000, .events = 100, .bytes = 1000, .rate = 20},
          .describe =
              [](const Load& load) {
                return std::to_string(load.clients - stopped_of(load)) + " subscribers read, without and with " +
                       std::to_string(stopped_of(load)) + " that have stopped; " + std::to_string(load.events) +
                       " events of " + std::to_string(load.bytes) + " bytes each time, " + std::to_string(load.rate) +
                       " a second";
              },
          .why_not = anyone,
          .figures = {{.name = "CPU us/event with", .decimals = 2, .has_ratio = true, .has_spread = true},
                      {.name = "p99 ms without"},
                      {.name = "p99 ms with"},
                      {.name = "with/without", .decimals = 2, .has_spread = true},
                      {.name = "MiB grown", .decimals = 1}},
          .goals = {{.contender = "ours", .figure = "with/without", .most = 1.3}},
          .measure = measure};
}

}  // namespace tidings::bench
