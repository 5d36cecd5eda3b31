#include "bench/broadcast_trial.h"

#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>

#include "bench/deliveries.h"
#include "bench/machine_load.h"
#include "bench/process_figures.h"
#include "bench/publisher.h"
#include "bench/stream_clients.h"

namespace tidings::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kOpeningTime{60}, kArrivalTime{20};
constexpr const char* kChannel = "load";

double micros(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

void measure(const Broadcast& broadcast, ServerProcess& server, BroadcastOutcome& outcome) {
  Deliveries deliveries(broadcast.subscribers, broadcast.bytes);
  StreamClients clients(
      server.port(), std::string("/channels/") + kChannel, broadcast.subscribers,
      [&](std::size_t client, const ParsedEvent& event, StreamClients::Time) { deliveries.take(client, event); });
  Publisher publisher(server.port(), kChannel, broadcast.bytes);
  publisher.publish(1, milliseconds(0));  // the first request makes a server set up what it keeps
  const double before = static_cast<double>(figures_of_tree(server.process()).anonymous_bytes);
  const auto kib_each = [&] {
    const auto now = static_cast<double>(figures_of_tree(server.process()).anonymous_bytes);
    return (now - before) / 1024 / static_cast<double>(broadcast.subscribers);
  };

  const auto opening = Clock::now();
  if (!clients.open(kOpeningTime)) {
    outcome.failure = std::to_string(clients.opened()) + " of " + std::to_string(broadcast.subscribers) +
                      " streams opened in 60 s" + (clients.refusal().empty() ? "" : ": " + clients.refusal());
    return;
  }
  outcome.open_s = std::chrono::duration<double>(Clock::now() - opening).count();
  clients.run(milliseconds(500));
  outcome.idle_kib = kib_each();
  if (broadcast.events == 0) return;

  const auto cpu = figures_of_tree(server.process()).cpu, own_cpu = figures_of(getpid()).cpu;
  const MachineLoad machine;
  const auto publishing_time = std::chrono::seconds(10 + broadcast.events / broadcast.rate);
  std::future<Publisher::Published> publishing = std::async(std::launch::async, [&] {
    return publisher.publish(broadcast.events, std::chrono::nanoseconds(std::chrono::seconds(1)) / broadcast.rate,
                             Clock::now() + publishing_time);
  });
  while (publishing.wait_for(milliseconds(0)) != std::future_status::ready) clients.run(milliseconds(20));
  const Publisher::Published published = publishing.get();
  const std::uint64_t expected = (published.last - published.first + 1) * broadcast.subscribers;
  const auto deadline = Clock::now() + kArrivalTime;
  while (deliveries.count() < expected && clients.failed() == 0 && Clock::now() < deadline) {
    clients.run(milliseconds(10));
  }
  const auto server_cpu = figures_of_tree(server.process()).cpu - cpu, client_cpu = figures_of(getpid()).cpu - own_cpu;
  outcome.others = machine.others(server_cpu + client_cpu);
  clients.run(milliseconds(50));  // an event that came twice would come now

  const auto delivered = static_cast<double>(std::max<std::uint64_t>(1, deliveries.count()));
  outcome.cpu_us = micros(server_cpu) / delivered;
  outcome.own_cpu_us = micros(client_cpu) / delivered;
  outcome.used_kib = kib_each();
  outcome.late_ms = micros(published.most_late) / 1000;
  Percentiles delays = deliveries.take_delays_ms();
  outcome.p50_ms = delays.at(50);
  outcome.p99_ms = delays.at(99);
  outcome.max_ms = delays.at(100);
  outcome.lost = deliveries.lost(published.first, published.last);
  outcome.misplaced = deliveries.misplaced();
}

}  // namespace

BroadcastOutcome run(const Broadcast& broadcast, Contenders& contenders, const Contender& contender) {
  BroadcastOutcome outcome;
  try {
    const std::unique_ptr<ServerProcess> server = contenders.start(contender, broadcast.subscribers);
    try {
      measure(broadcast, *server, outcome);
    } catch (const std::exception& error) {
      outcome.failure = error.what();
    }
    server->stop();
  } catch (const std::exception& error) {
    outcome.failure = error.what();
  }
  return outcome;
}

}  // namespace tidings::bench
