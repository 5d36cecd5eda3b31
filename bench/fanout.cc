// Ours against what people would pick instead: puts each scenario to each server in turn, several times over, and
// prints a table for each. Everything stays on this machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "tidings/bench/load/descriptor_limit.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/report.h"
#include "tidings/bench/results.h"
#include "tidings/bench/rivals/contenders.h"
#include "tidings/bench/rivals/veth.h"
#include "tidings/bench/scenarios/scenario.h"

namespace {

using namespace tidings::bench;

constexpr int kFailed = 1, kUsageError = 2, kGoalMissed = 3;

struct Flags {
  std::vector<std::string> scenarios{"fanout"}, servers;
  Load load;  // 0: as the scenario has it
  std::size_t rounds = 5;
  bool is_markdown = false, has_veth = false;
};

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const Named& each : all) names.push_back(each.name);
  return names;
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The scenario's load with what was given on the command line.
Load load_of(const Scenario& scenario, const Load& given, std::size_t most_clients) {
  Load load = scenario.load;
  for (const auto part : {&Load::clients, &Load::events, &Load::bytes, &Load::rate}) {
    if (load.*part != 0 && given.*part != 0) load.*part = given.*part;
  }
  if (load.clients > most_clients) {
    std::fprintf(stderr, "%s: %zu clients, as the limit of descriptors allows no more (ulimit -Hn).\n",
                 scenario.name.c_str(), most_clients);
    load.clients = most_clients;
  }
  return load;
}

int run(const Flags& flags) {
  const std::size_t most_clients = raise_descriptor_limit();
  std::optional<Veth> veth;
  if (flags.has_veth) veth.emplace();
  Contenders contenders(veth ? &*veth : nullptr);
  const bool has_goals = flags.load.clients + flags.load.events + flags.load.bytes + flags.load.rate == 0;
  std::vector<Contender> field;
  for (const Contender& contender : Contenders::all()) {
    if (is_among(flags.servers, contender.name)) field.push_back(contender);
  }
  bool have_we_failed = false, is_goal_missed = false;
  for (const Scenario& scenario : scenarios()) {
    if (!is_among(flags.scenarios, scenario.name) && !is_among(flags.scenarios, "all")) continue;
    const Results results = run(scenario, load_of(scenario, flags.load, most_clients), field, flags.rounds, contenders);
    const Report report(results, has_goals);
    report.print(flags.is_markdown);
    have_we_failed |= report.have_we_failed();
    is_goal_missed |= report.is_goal_missed();
  }
  return have_we_failed ? kFailed : is_goal_missed ? kGoalMissed : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  const std::vector<std::string> servers = names_of(Contenders::all());
  std::vector<std::string> names = names_of(scenarios());
  names.push_back("all");
  flags.servers = servers;
  std::string footer = "Scenarios:\n";
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  for (const Scenario& scenario : scenarios()) {
    footer += "  " + scenario.name + std::string(width + 2 - scenario.name.size(), ' ') + scenario.question + '\n';
  }
  footer +=
      "Exit codes: 0; 1 when a server of ours failed or an event of its was lost; 2 for wrong flags; 3 when only a "
      "goal\n"
      "was missed (goals are for the scenario's own load, on a machine that is quiet enough).";

  CLI::App app("Compares servers of event streams: CPU, memory, latency, losses, each against a bare loop of send().");
  app.name("fanout");
  app.footer(footer);
  app.option_defaults()->always_capture_default();
  app.add_option("--scenario", flags.scenarios, "What is asked, with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember(names));
  app.add_option("--servers", flags.servers, "Who takes part, with commas between")
      ->delimiter(',')
      ->check(CLI::IsMember(servers));
  app.add_option("--rounds", flags.rounds, "Turns that each server takes")->check(CLI::Range(1, 1000));
  app.add_flag("--markdown", flags.is_markdown, "Print the tables as Markdown");
  app.option_defaults()->always_capture_default(false);
  app.add_option("--clients", flags.load.clients, "Instead of the scenario's own")->check(CLI::Range(10, 1'000'000));
  app.add_option("--events", flags.load.events, "The same: events, ticks, visits or requests of a round")
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--bytes", flags.load.bytes, "The same: of an event's data")
      ->check(CLI::Range(Publisher::kFewestBytes, std::size_t{1} << 20));
  app.add_option("--rate", flags.load.rate, "The same: events a second")->check(CLI::Range(1, 100'000));
  app.add_flag("--veth", flags.has_veth,
               "Servers in a network namespace of their own, behind a veth pair, in place of loopback; as root");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  try {
    return run(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  }
}
