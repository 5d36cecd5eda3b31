#include "bench/open_scenario.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "bench/deliveries.h"
#include "bench/percentiles.h"
#include "bench/process_figures.h"
#include "bench/publisher.h"
#include "bench/stream_clients.h"

namespace tidings::bench {
namespace {

constexpr const char* kChannel = "load";
constexpr std::size_t kBytes = 100;
constexpr double kMostOpeningMs = 2000;

}  // namespace

void run(const OpenScenario& scenario, ServerProcess& server, Verdict& verdict) {
  using std::chrono::milliseconds;
  Deliveries deliveries(scenario.clients, kBytes);
  StreamClients clients(
      server.port(), std::string("/channels/") + kChannel, scenario.clients,
      [&](std::size_t client, const ParsedEvent& event, StreamClients::Time) { deliveries.take(client, event); });
  Publisher publisher(server.port(), kChannel, kBytes);
  publisher.publish(1, milliseconds(0));  // the first request makes the server set up what it keeps
  const ProcessFigures before = figures_of(server.process());
  const auto opening = std::chrono::steady_clock::now();
  const bool all_are_open = clients.open(std::chrono::seconds(60), scenario.at_once);
  const std::chrono::duration<double> opening_time = std::chrono::steady_clock::now() - opening;
  const ProcessFigures after = figures_of(server.process());
  verdict.expect(all_are_open, std::to_string(clients.failed()) +
                                   " clients failed to open their stream, the first with " + clients.refusal());
  std::fprintf(stderr, "open: %zu streams are open\n", clients.opened());

  const Publisher::Published published = publisher.publish(1, milliseconds(0));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (deliveries.count() < clients.opened() && std::chrono::steady_clock::now() < deadline) {
    clients.run(milliseconds(20));
  }
  deliveries.expect_all(published.first, published.last, verdict);

  Percentiles times;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (clients.opened_at(i) == StreamClients::Time()) continue;
    times.add(std::chrono::duration<double, std::milli>(clients.opened_at(i) - clients.begun_at(i)).count());
  }
  const auto count = static_cast<double>(scenario.clients);
  std::printf("\nopen: %zu streams of one channel as fast as they come, %zu at a time\n", scenario.clients,
              scenario.at_once);
  std::printf("  %-52s %12.2f s\n", "all streams open or refused after", opening_time.count());
  std::printf("  %-52s %12zu\n", "  refused", clients.failed());
  std::printf("  %-52s %12.0f\n", "  a second", count / opening_time.count());
  std::printf("  %-52s %12.2f ms\n", "from connecting to the response's head, p50", times.at(50));
  std::printf("  %-52s %12.2f ms\n", "                                        p99", times.at(99));
  std::printf("  %-52s %12.2f ms\n", "                                        max", times.at(100));
  std::printf("  %-52s %12.2f us\n", "server CPU per opened stream",
              std::chrono::duration<double, std::micro>(after.cpu - before.cpu).count() / count);
  std::printf("  %-52s %12.2f KiB\n", "server memory per stream",
              static_cast<double>(after.anonymous_bytes - before.anonymous_bytes) / 1024 / count);
  std::printf("  %-52s %12.2f ms\n", "an event to all of them, the last after", deliveries.take_delays_ms().at(100));
  std::printf("  goal: %-46s %12.2f ms %s\n", "none later than", kMostOpeningMs,
              times.at(100) <= kMostOpeningMs ? "met" : "NOT MET");
}

}  // namespace tidings::bench
