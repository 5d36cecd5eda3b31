#include "bench/fanout_scenario.h"

#include <cstdio>

#include "bench/percentiles.h"

namespace tidings::bench {
namespace {

constexpr double kMostCpuRatio = 1.15, kMostIdleKib = 1;

void print(const char* name, double server, double floor) {
  std::printf("  %-46s %10.2f %10.2f %8.2f\n", name, server, floor, server / floor);
}

void print_goal(const char* name, double found, double most) {
  std::printf("  goal: %-40s %10.2f %10s %8s\n", name, most, "", found <= most ? "met" : "NOT MET");
}

}  // namespace

void run(const FanoutScenario& scenario, const std::filesystem::path& server, const std::vector<std::string>& arguments,
         const std::filesystem::path& floor, Verdict& verdict) {
  ChannelTrial ours(server, arguments, scenario.load), bare(floor, {}, scenario.load);
  std::fprintf(stderr, "fanout: the server is process %d, the floor %d\n", ours.server().process(),
               bare.server().process());
  if (!ours.open(verdict) || !bare.open(verdict)) return;
  Percentiles ratios;  // of neighbours, which a noisy machine treats alike
  for (std::size_t round = 0; round < scenario.rounds; ++round) {
    const auto time = std::chrono::milliseconds(scenario.time) / scenario.rounds;
    const double cpu_us = ours.run_round(time);
    ratios.add(cpu_us / bare.run_round(time));
    std::fprintf(stderr, "fanout: round %zu of %zu, %zu and %zu events received\n", round + 1, scenario.rounds,
                 ours.delivered(), bare.delivered());
  }
  ours.finish(verdict);
  bare.finish(verdict);

  const ChannelTrial::Figures a = ours.figures(), b = bare.figures();
  std::printf("\nfanout: %zu subscribers, events of %zu bytes, %zu a second, %lld s in %zu rounds each; medians\n",
              scenario.load.subscribers, scenario.load.bytes, scenario.load.rate,
              static_cast<long long>(scenario.time.count()), scenario.rounds);
  std::printf("  %-46s %10s %10s %8s\n", "", "server", "floor", "ratio");
  print("CPU per delivered event, us", a.cpu_us, b.cpu_us);
  print("  least of the rounds", a.least_cpu_us, b.least_cpu_us);
  print("  most", a.most_cpu_us, b.most_cpu_us);
  std::printf("  %-46s %10s %10s %8.2f\n", "  median of the rounds' ratios", "", "", ratios.at(50));
  print("delay from publishing, p50, ms", a.p50_ms, b.p50_ms);
  print("                       p99, ms", a.p99_ms, b.p99_ms);
  print("                       max of all rounds, ms", a.max_ms, b.max_ms);
  print("memory per idle subscriber, KiB", ours.idle_kib(), bare.idle_kib());
  print("load generator's own CPU per event, us", a.own_cpu_us, b.own_cpu_us);
  print("events a second that the server took", a.rate, b.rate);
  print("publisher behind its schedule, at most, ms", a.most_late_ms, b.most_late_ms);
  print_goal("CPU, times the floor's", ratios.at(50), kMostCpuRatio);
  print_goal("memory per idle subscriber, KiB", ours.idle_kib(), kMostIdleKib);
}

}  // namespace tidings::bench
