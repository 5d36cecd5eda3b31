#include "bench/stalled_scenario.h"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "bench/page_client.h"
#include "bench/process_figures.h"
#include "bench/server_gauges.h"
#include "bench/socket.h"

namespace tidings::bench {
namespace {

constexpr double kMostDelayRatio = 1.3;
constexpr std::size_t kHistoryEvents = 1200;  // more than the server's history keeps: from the start on, it is full
constexpr int kReceiveBufferBytes = 4096;
constexpr const char* kBlocked = "tidings_blocked_streams";

// Subscribers that ask for all of the history and take none of it. They are stopped before anything is measured, and
// the server gives them up 30 s later.
std::vector<Socket> stopped_subscribers(std::uint16_t port, std::size_t count) {
  const std::string request = std::string("GET /channels/") + ChannelTrial::kChannel +
                              "?last_event_id=gone HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::vector<Socket> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(Socket::connect(port, Socket::Mode::kBlocking, 1, kReceiveBufferBytes));
    sockets.back().send(request);
    char status_line[15];  // and not a byte more
    const ssize_t count = sockets.back().receive(status_line);
    if (count <= 0 || !std::string_view(status_line, static_cast<std::size_t>(count)).starts_with("HTTP/1.1 200 ")) {
      throw std::runtime_error("a subscriber that is to stop was refused");
    }
  }
  return sockets;
}

std::int64_t wait_until_blocked(PageClient& asking, std::int64_t wanted) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::int64_t blocked = 0;
  do blocked = gauge_of(asking, kBlocked);
  while (blocked < wanted && std::chrono::steady_clock::now() < deadline);
  return blocked;
}

void print(const char* name, double without, double with) {
  std::printf("  %-46s %10.2f %10.2f %8.2f\n", name, without, with, with / without);
}

double kib(const ProcessFigures& figures) { return static_cast<double>(figures.anonymous_bytes) / 1024; }

}  // namespace

void run(const StalledScenario& scenario, const std::filesystem::path& server,
         const std::vector<std::string>& arguments, Verdict& verdict) {
  ChannelTrial::Load load = scenario.load;
  load.subscribers -= scenario.stalled;
  ChannelTrial without(server, arguments, load, kHistoryEvents), with(server, arguments, load, kHistoryEvents);
  std::fprintf(stderr, "stalled: the servers are process %d, and %d with the stopped ones\n",
               without.server().process(), with.server().process());
  if (!without.open(verdict) || !with.open(verdict)) return;
  PageClient asking(with.server().port());
  const ProcessFigures before_stopped = figures_of(with.server().process());
  const std::vector<Socket> stopped = stopped_subscribers(with.server().port(), scenario.stalled);
  const auto wanted = static_cast<std::int64_t>(scenario.stalled);
  std::int64_t blocked = wait_until_blocked(asking, wanted);
  verdict.expect(blocked == wanted, "the server counts " + std::to_string(blocked) + " blocked streams at the start");

  std::optional<ProcessFigures> end;
  const ProcessFigures start = figures_of(with.server().process()),
                       start_without = figures_of(without.server().process());
  for (std::size_t round = 0; round < scenario.rounds; ++round) {
    const auto time = std::chrono::milliseconds(scenario.time) / scenario.rounds;
    with.run_round(time);
    end = figures_of(with.server().process());
    blocked = gauge_of(asking, kBlocked);
    without.run_round(time);
    std::fprintf(stderr, "stalled: round %zu of %zu, %zu and %zu events received, %lld streams blocked\n", round + 1,
                 scenario.rounds, without.delivered(), with.delivered(), static_cast<long long>(blocked));
  }
  const ProcessFigures end_without = figures_of(without.server().process());
  verdict.expect(blocked == wanted, "the server counts " + std::to_string(blocked) + " blocked streams at the end");
  without.finish(verdict);
  with.finish(verdict);

  const ChannelTrial::Figures a = without.figures(), b = with.figures();
  std::printf(
      "\nstalled: %zu subscribers read, without and with %zu that have stopped; events of %zu bytes, %zu a second,\n"
      "  %lld s in %zu rounds each; medians\n",
      load.subscribers, scenario.stalled, load.bytes, load.rate, static_cast<long long>(scenario.time.count()),
      scenario.rounds);
  std::printf("  %-46s %10s %10s %8s\n", "", "without", "with", "ratio");
  print("delay from publishing, p50, ms", a.p50_ms, b.p50_ms);
  print("                       p99, ms", a.p99_ms, b.p99_ms);
  print("                       max of all rounds, ms", a.max_ms, b.max_ms);
  print("CPU per event delivered to a reader, us", a.cpu_us, b.cpu_us);
  print("load generator's own CPU per event, us", a.own_cpu_us, b.own_cpu_us);
  print("events a second that the server took", a.rate, b.rate);
  print("publisher behind its schedule, at most, ms", a.most_late_ms, b.most_late_ms);
  print("server memory at the start, KiB", kib(start_without), kib(start));
  print("              at the end, KiB", kib(end_without), kib(*end));
  std::printf("  %-46s %10s %10.2f\n", "              before the stopped ones came, KiB", "", kib(before_stopped));
  std::printf("  goal: %-40s %10.2f %10s %8s\n", "p99, times that without", kMostDelayRatio, "",
              b.p99_ms / a.p99_ms <= kMostDelayRatio ? "met" : "NOT MET");
}

}  // namespace tidings::bench
