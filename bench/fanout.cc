// Ours against what people would pick instead: puts each scenario to each server in turn, several times over, and
// prints a table for each. Everything stays on this machine.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tidings/bench/load/descriptor_limit.h"
#include "tidings/bench/load/publisher.h"
#include "tidings/bench/quick.h"
#include "tidings/bench/report.h"
#include "tidings/bench/results.h"
#include "tidings/bench/rivals/contenders.h"
#include "tidings/bench/rivals/veth.h"
#include "tidings/bench/scenarios/scenario.h"

namespace {

using namespace tidings::bench;
namespace fs = std::filesystem;

constexpr int kFailed = 1, kUsageError = 2, kGoalMissed = 3, kWorse = 4;

struct Flags {
  std::vector<std::string> scenarios{"fanout"}, servers;
  Load load;  // 0: as the scenario has it
  std::size_t rounds = 5;
  bool is_markdown = false, is_quick = false, records = false, has_veth = false;
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

// The recorded figures are read beside this program, and written into the tree that it was built from.
constexpr const char* kQuickFigures = "bench/quick_figures.tsv";

QuickFigures recorded_figures() {
  const fs::path file = fs::read_symlink("/proc/self/exe").string() + ".runfiles/tidings/" + kQuickFigures;
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("Can't read " + file.string() + ": run it by `bazel run //bench:fanout`.");
  return QuickFigures::parse(std::string(std::istreambuf_iterator<char>(stream), {}));
}

void record(const QuickFigures& figures) {
  const char* const tree = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (tree == nullptr) throw std::runtime_error("--record writes into the tree: run it by `bazel run //bench:fanout`.");
  const fs::path file = fs::path(tree) / kQuickFigures;
  std::ofstream stream(file);
  stream << figures.text() << std::flush;
  if (!stream) throw std::runtime_error("Can't write " + file.string() + '.');
  std::printf("\nRecorded in %s.\n", file.c_str());
}

// A line of the short form's table. Whether the figure is worse than what is recorded.
bool print_guard(const Guard& guard, const QuickFigures& recorded, const std::optional<Measured>& now) {
  const std::string name =
      guard.scenario + ": " + guard.figure + " of " + guard.contender + (guard.by.empty() ? "" : " by " + guard.by);
  const std::optional<Measured> was = recorded.find(guard);
  if (!now) {
    std::printf("%-62s not measured\n", name.c_str());
    return false;
  }
  if (!was) {
    std::printf("%-62s is %.3f (%.3f to %.3f)\n", name.c_str(), now->median, now->least, now->most);
    return false;
  }
  const Verdict verdict = judge(*was, *now);
  std::printf("%-62s was %.3f, is %.3f, noise %.3f: %s\n", name.c_str(), was->median, now->median, noise(*was, *now),
              verdict == Verdict::kWorse    ? "WORSE"
              : verdict == Verdict::kBetter ? "better"
                                            : "within noise");
  return verdict == Verdict::kWorse;
}

// Those whom the guards name.
std::vector<Contender> field_of(const QuickScenario& quick) {
  std::vector<Contender> field;
  for (const Contender& contender : Contenders::all()) {
    if (std::any_of(quick.guards.begin(), quick.guards.end(), [&](const Guard& guard) {
          return guard.contender == contender.name || guard.by == contender.name;
        })) {
      field.push_back(contender);
    }
  }
  return field;
}

int run_quick(const Flags& flags, Contenders& contenders, std::size_t most_clients) {
  const QuickFigures recorded = flags.records ? QuickFigures() : recorded_figures();
  QuickFigures found;
  bool have_we_failed = false, is_worse = false;
  for (const Scenario& scenario : scenarios()) {
    for (const QuickScenario& quick : quick_scenarios()) {
      if (quick.name != scenario.name) continue;
      const Results results =
          run(scenario, load_of(scenario, quick.load, most_clients), field_of(quick), flags.rounds, contenders);
      const Report report(results, false);
      if (report.have_we_failed()) report.print(flags.is_markdown);
      have_we_failed |= report.have_we_failed();
      for (const Guard& guard : quick.guards) {
        const std::optional<Measured> now = measured(results, guard);
        if (now) found.add(guard, *now);
        is_worse |= print_guard(guard, recorded, now);
      }
    }
  }
  if (have_we_failed) return kFailed;
  if (flags.records) record(found);
  return is_worse ? kWorse : 0;
}

int run(const Flags& flags) {
  const std::size_t most_clients = raise_descriptor_limit();
  std::optional<Veth> veth;
  if (flags.has_veth) veth.emplace();
  Contenders contenders(veth ? &*veth : nullptr);
  if (flags.is_quick) return run_quick(flags, contenders, most_clients);
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
      "goal\nwas missed (goals are for the scenario's own load, on a machine that is quiet enough); 4 when a figure of "
      "--quick\nis worse than the recorded one by more than the noise of both.";

  CLI::App app("Compares servers of event streams: CPU, memory, latency, losses, each against a bare loop of send().");
  app.name("fanout");
  app.footer(footer);
  app.option_defaults()->always_capture_default();
  CLI::Option* const scenario = app.add_option("--scenario", flags.scenarios, "What is asked, with commas between")
                                    ->delimiter(',')
                                    ->check(CLI::IsMember(names));
  CLI::Option* const server = app.add_option("--servers", flags.servers, "Who takes part, with commas between")
                                  ->delimiter(',')
                                  ->check(CLI::IsMember(servers));
  app.add_option("--rounds", flags.rounds, "Turns that each server takes")->check(CLI::Range(1, 1000));
  app.add_flag("--markdown", flags.is_markdown, "Print the tables as Markdown");
  app.option_defaults()->always_capture_default(false);
  CLI::Option* const clients = app.add_option("--clients", flags.load.clients, "Instead of the scenario's own")
                                   ->check(CLI::Range(10, 1'000'000));
  CLI::Option* const events =
      app.add_option("--events", flags.load.events, "The same: events, ticks, visits or requests of a round")
          ->check(CLI::Range(1, 10'000'000));
  CLI::Option* const bytes = app.add_option("--bytes", flags.load.bytes, "The same: of an event's data")
                                 ->check(CLI::Range(Publisher::kFewestBytes, std::size_t{1} << 20));
  CLI::Option* const rate =
      app.add_option("--rate", flags.load.rate, "The same: events a second")->check(CLI::Range(1, 100'000));
  CLI::Option* const veth =
      app.add_flag("--veth", flags.has_veth,
                   "Servers in a network namespace of their own, behind a veth pair, in place of loopback; as root");
  CLI::Option* const quick =
      app.add_flag("--quick", flags.is_quick,
                   "Instead, in about two minutes: whether the figures that guard the goals are worse than recorded");
  for (CLI::Option* const other : {scenario, server, clients, events, bytes, rate, veth}) quick->excludes(other);
  app.add_flag("--record", flags.records, "With --quick: record its figures in the tree")->needs(quick);
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
