#include "bench/idle_scenario.h"

#include <cstdint>
#include <cstdio>
#include <string>

#include "bench/page_client.h"
#include "bench/process_figures.h"
#include "bench/server_gauges.h"
#include "bench/stream_clients.h"

namespace tidings::bench {

void run(const IdleScenario& scenario, ServerProcess& server, Verdict& verdict) {
  PageClient asking(server.port());
  gauges_of(asking);  // the first request makes the server set up what it keeps
  StreamClients clients(server.port(), "/events?interval_ms=3600000", scenario.clients,
                        [](std::size_t, const ParsedEvent&, StreamClients::Time) {});
  const ProcessFigures before = figures_of(server.process());
  const auto opening = std::chrono::steady_clock::now();
  const bool all_are_open = clients.open(std::chrono::seconds(60));
  const std::chrono::duration<double> opening_time = std::chrono::steady_clock::now() - opening;
  verdict.expect(all_are_open, std::to_string(clients.failed()) + " clients failed to open their stream");
  if (!all_are_open) return;

  const ProcessFigures begin = figures_of(server.process());
  clients.run(scenario.time);  // heartbeats come after 15 s
  const ProcessFigures end = figures_of(server.process());
  const ServerGauges gauges = gauges_of(asking);
  verdict.expect(clients.failed() == 0, std::to_string(clients.failed()) + " streams ended");
  verdict.expect(gauges.streams == static_cast<std::int64_t>(scenario.clients),
                 "the server counts " + std::to_string(gauges.streams) + " streams");

  const auto count = static_cast<double>(scenario.clients);
  std::printf("\nidle: %zu silent streams, %lld s\n", scenario.clients, static_cast<long long>(scenario.time.count()));
  std::printf("  %-52s %12.2f s\n", "all streams open after", opening_time.count());
  std::printf("  %-52s %12.1f us\n", "server CPU (user and system) per opened stream",
              std::chrono::duration<double, std::micro>(begin.cpu - before.cpu).count() / count);
  std::printf("  %-52s %12.2f KiB\n", "server memory per client (Anonymous of smaps_rollup)",
              static_cast<double>(end.anonymous_bytes - before.anonymous_bytes) / 1024 / count);
  std::printf("  %-52s %12.2f KiB\n", "  in all, before", static_cast<double>(before.anonymous_bytes) / 1024);
  std::printf("  %-52s %12.2f KiB\n", "  in all, with the clients", static_cast<double>(end.anonymous_bytes) / 1024);
  std::printf("  %-52s %12zu\n", "server threads, before", before.threads);
  std::printf("  %-52s %12zu\n", "                with the clients", end.threads);
  std::printf("  %-52s %12.2f s\n", "server CPU while they were silent",
              std::chrono::duration<double>(end.cpu - begin.cpu).count());
}

}  // namespace tidings::bench
