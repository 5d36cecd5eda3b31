// Load on a server's channels: each scenario starts a server, in a process of its own but for `resume`, publishes to
// subscribers over loopback, and prints what it found. Exits with 0 only when nothing was lost and nothing failed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/descriptor_limit.h"
#include "bench/fanout_scenario.h"
#include "bench/open_scenario.h"
#include "bench/publisher.h"
#include "bench/resume_scenario.h"
#include "bench/server_process.h"
#include "bench/stalled_scenario.h"
#include "bench/verdict.h"

namespace {

using namespace tidings::bench;

constexpr int kUsageError = 2;

// In Bazel's output tree, however this program was started; it has the others as its data.
std::filesystem::path own_folder() { return std::filesystem::read_symlink("/proc/self/exe").parent_path(); }

void add_load(CLI::App& command, ChannelTrial::Load& load, long& seconds, std::size_t& rounds) {
  command.option_defaults()->always_capture_default();
  command.add_option("--clients", load.subscribers, "Subscribers")->check(CLI::Range(1, 1'000'000));
  command.add_option("--bytes", load.bytes, "Of an event's data")
      ->check(CLI::Range(Publisher::kFewestBytes, std::size_t{1} << 20));
  command.add_option("--rate", load.rate, "Events a second")->check(CLI::Range(1, 100'000));
  command.add_option("--seconds", seconds, "How long to publish to each server, in all")->check(CLI::Range(1, 600));
  command.add_option("--rounds", rounds, "Turns that the servers take")->check(CLI::Range(1, 1000));
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path program = own_folder() / "../server/server", floor = own_folder() / "floor";
  std::vector<std::string> arguments = {"--port", "0"};
  FanoutScenario fanout;
  StalledScenario stalled;
  OpenScenario open;
  ResumeScenario resume;

  CLI::App app("Puts load on a server's channels and prints what it took.");
  app.name("channel_load");
  app.option_defaults()->always_capture_default();
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", program, "The server's program")->check(CLI::ExistingFile);
  app.add_option("--floor", floor, "The bare server's program")->check(CLI::ExistingFile);
  std::string threads;
  app.add_option("--threads", threads, "Passed on to the server where given");

  long fanout_time = fanout.time.count(), stalled_time = stalled.time.count();
  CLI::App* fanout_command = app.add_subcommand("fanout", "One event to many, against a bare server");
  add_load(*fanout_command, fanout.load, fanout_time, fanout.rounds);

  CLI::App* stalled_command = app.add_subcommand("stalled", "Subscribers beside others that have stopped reading");
  add_load(*stalled_command, stalled.load, stalled_time, stalled.rounds);
  stalled_command->add_option("--stalled", stalled.stalled, "How many of the subscribers have stopped")
      ->check(CLI::Range(1, 1'000'000));

  CLI::App* open_command = app.add_subcommand("open", "Streams as fast as they come");
  open_command->option_defaults()->always_capture_default();
  open_command->add_option("--clients", open.clients, "Streams")->check(CLI::Range(1, 1'000'000));
  open_command->add_option("--at_once,--at-once", open.at_once, "That have not opened yet, at a time")
      ->check(CLI::Range(1, 100'000));

  CLI::App* resume_command = app.add_subcommand("resume", "One event missed, of a short and of a long history");
  resume_command->option_defaults()->always_capture_default();
  resume_command->add_option("--history", resume.long_history, "Events of the long one")
      ->check(CLI::Range(std::size_t{1000}, std::size_t{10'000'000}));
  resume_command->add_option("--times", resume.times, "Of each")->check(CLI::Range(1, 10'000));

  try {
    app.parse(argc, argv);
    if (stalled.stalled >= stalled.load.subscribers) {
      throw CLI::ValidationError("--stalled", "must be fewer than --clients");
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  fanout.time = std::chrono::seconds(fanout_time);
  stalled.time = std::chrono::seconds(stalled_time);
  if (!threads.empty()) arguments.insert(arguments.end(), {"--threads", threads});

  raise_descriptor_limit();
  Verdict verdict;
  try {
    if (*fanout_command) {
      require_descriptors(2 * fanout.load.subscribers);
      run(fanout, program, arguments, floor, verdict);
    } else if (*stalled_command) {
      require_descriptors(2 * stalled.load.subscribers - stalled.stalled);
      run(stalled, program, arguments, verdict);
    } else if (*resume_command) {
      run(resume, verdict);
    } else {
      require_descriptors(open.clients);
      ServerProcess server(program, arguments);
      run(open, server, verdict);
      verdict.expect(server.stop(), "the server did not stop with exit code 0 within 10 s");
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return verdict.exit_code();
}
