// Load on the clock server: each scenario starts a server in a process of its own, does its worst over loopback, and
// prints what it found. Exits with 0 only when nothing was lost and nothing failed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/churn_scenario.h"
#include "bench/clock_scenario.h"
#include "bench/descriptor_limit.h"
#include "bench/idle_scenario.h"
#include "bench/server_process.h"
#include "bench/slow_heads_scenario.h"
#include "bench/verdict.h"

namespace {

using namespace tidings::bench;

constexpr int kUsageError = 2;

// Beside this program in Bazel's output tree, however it was started; //bench:clock_load has it as its data.
std::filesystem::path default_server() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../server/server";
}

template <class Scenario>
int measure(const Scenario& scenario, const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  Verdict verdict;
  ServerProcess server(program, arguments);
  std::fprintf(stderr, "The server is process %d on port %d.\n", server.process(), server.port());
  run(scenario, server, verdict);
  verdict.expect(server.stop(), "the server did not stop with exit code 0 within 10 s");
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path program = default_server();
  std::vector<std::string> arguments = {"--port", "0"};
  ClockScenario clock;
  SlowHeadsScenario slow_heads;
  ChurnScenario churn;
  IdleScenario idle;

  CLI::App app("Puts load on a clock server and prints what it took.");
  app.name("clock_load");
  app.option_defaults()->always_capture_default();
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", program, "The server's program")->check(CLI::ExistingFile);
  std::string threads;
  app.add_option("--threads", threads, "Passed on to the server where given");

  CLI::App* clock_command = app.add_subcommand("clock", "Every tick to every client, on time?");
  clock_command->option_defaults()->always_capture_default();
  clock_command->add_option("--clients", clock.clients, "Streams")->check(CLI::Range(1, 1'000'000));
  long interval = clock.interval.count(), clock_time = clock.time.count(), idle_time = idle.time.count();
  clock_command->add_option("--interval_ms,--interval-ms", interval, "Between ticks")->check(CLI::Range(10, 60'000));
  clock_command->add_option("--seconds", clock_time, "How long, once all are there")->check(CLI::Range(1, 600));

  CLI::App* slow_heads_command = app.add_subcommand("slowheads", "Pages beside clients that never finish their head");
  slow_heads_command->option_defaults()->always_capture_default();
  slow_heads_command->add_option("--clients", slow_heads.slow_heads, "Half heads")->check(CLI::Range(1, 100'000));
  slow_heads_command->add_option("--requests", slow_heads.requests, "Page requests of each kind")
      ->check(CLI::Range(1, 100'000));
  slow_heads_command->add_option("--rounds", slow_heads.rounds, "Turns, without and with")->check(CLI::Range(1, 1000));

  CLI::App* churn_command = app.add_subcommand("churn", "Clients come and go; does anything of them stay?");
  churn_command->option_defaults()->always_capture_default();
  churn_command->add_option("--times", churn.times, "Visits")->check(CLI::Range(1, 10'000'000));
  churn_command->add_option("--warm_up,--warm-up", churn.warm_up, "Visits before")->check(CLI::Range(0, 1'000'000));
  churn_command->add_option("--at_once,--at-once", churn.at_once, "Visitors at a time")->check(CLI::Range(1, 10'000));

  CLI::App* idle_command = app.add_subcommand("idle", "What a silent stream costs");
  idle_command->option_defaults()->always_capture_default();
  idle_command->add_option("--clients", idle.clients, "Streams")->check(CLI::Range(1, 1'000'000));
  idle_command->add_option("--seconds", idle_time, "How long, once all are there")->check(CLI::Range(1, 600));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  clock.interval = std::chrono::milliseconds(interval);
  clock.time = std::chrono::seconds(clock_time);
  idle.time = std::chrono::seconds(idle_time);
  if (!threads.empty()) arguments.insert(arguments.end(), {"--threads", threads});

  raise_descriptor_limit();
  try {
    if (*clock_command) return measure(clock, program, arguments);
    if (*slow_heads_command) return measure(slow_heads, program, arguments);
    if (*churn_command) return measure(churn, program, arguments);
    return measure(idle, program, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
