// Ours against what people would pick instead: starts each server in turn on the same work, several times over, and
// prints one table. Everything stays on the loopback interface. Exits with 0 only when ours lost nothing.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/broadcast_trial.h"
#include "bench/comparison.h"
#include "bench/contenders.h"
#include "bench/descriptor_limit.h"
#include "bench/publisher.h"

namespace {

using namespace tidings::bench;

constexpr int kUsageError = 2;

struct Flags {
  Broadcast broadcast;
  std::size_t rounds = 5;
  std::vector<std::string> servers;
  std::string scenario = "fanout";
  bool is_markdown = false;
};

std::vector<Contender> chosen(const std::vector<std::string>& names) {
  std::vector<Contender> found;
  for (const Contender& contender : Contenders::all()) {
    if (std::find(names.begin(), names.end(), contender.name) != names.end()) found.push_back(contender);
  }
  return found;
}

int compare(const Flags& flags) {
  Contenders contenders;
  const std::vector<Contender> field = chosen(flags.servers);
  Comparison comparison(field);
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string reason = contenders.prepare(field[i]);
    if (reason.empty()) {
      ready.push_back(i);
    } else {
      std::fprintf(stderr, "%s: left out, %s.\n", field[i].title.c_str(), reason.c_str());
      comparison.skip(i, reason);
    }
  }
  for (std::size_t round = 0; round < flags.rounds; ++round) {
    for (const std::size_t i : ready) {
      const BroadcastOutcome outcome = run(flags.broadcast, contenders, field[i]);
      std::fprintf(stderr, "round %zu of %zu: %-32s %s%.2f us an event, p99 %.1f ms, %llu lost, others took %.0f %%\n",
                   round + 1, flags.rounds, field[i].title.c_str(),
                   outcome.failure.empty() ? "" : ("FAILED, " + outcome.failure + "; ").c_str(), outcome.cpu_us,
                   outcome.p99_ms, static_cast<unsigned long long>(outcome.lost), outcome.others * 100);
      comparison.add(i, outcome);
    }
  }
  comparison.print(flags.broadcast, flags.is_markdown);
  return comparison.have_we_failed() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  std::vector<std::string> names;
  for (const Contender& contender : Contenders::all()) names.push_back(contender.name);
  flags.servers = names;

  CLI::App app("Compares servers of event streams: CPU, memory, latency, losses, each against a bare loop of send().");
  app.name("fanout");
  app.option_defaults()->always_capture_default();
  app.add_option("--scenario", flags.scenario, "fanout: one event to many; idle: silent streams")
      ->check(CLI::IsMember({"fanout", "idle"}));
  CLI::Option* clients =
      app.add_option("--clients", flags.broadcast.subscribers, "Subscribers; idle: 10000 unless given")
          ->check(CLI::Range(1, 1'000'000));
  app.add_option("--events", flags.broadcast.events, "Events of a round")->check(CLI::Range(1, 1'000'000));
  app.add_option("--bytes", flags.broadcast.bytes, "Of an event's data")
      ->check(CLI::Range(Publisher::kFewestBytes, std::size_t{1} << 20));
  app.add_option("--rate", flags.broadcast.rate, "Events a second")->check(CLI::Range(1, 100'000));
  app.add_option("--rounds", flags.rounds, "Turns that each server takes")->check(CLI::Range(1, 1000));
  app.add_option("--servers", flags.servers, "Who takes part, with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_flag("--markdown", flags.is_markdown, "Print the table as Markdown");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  if (flags.scenario == "idle") {
    flags.broadcast.events = 0;
    if (!*clients) flags.broadcast.subscribers = 10'000;
  }
  raise_descriptor_limit();
  try {
    require_descriptors(flags.broadcast.subscribers);
    return compare(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
