// kill -9 of the server at random moments, again and again, while it keeps its history in a folder, is published to and
// followed: no acknowledged event may be lost or come twice, no id may be used twice, nobody may be told a gap.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "tidings/bench/kills/killer.h"
#include "tidings/bench/kills/round.h"
#include "tidings/bench/kills/verdict.h"

namespace {

using namespace tidings::bench;
namespace fs = std::filesystem;

constexpr int kFailed = 1, kUsageError = 2;
constexpr std::uint64_t kKillsOfARound = 50;
// Of each channel in every other round: so few that old events go all the time, so many that no follower is left
// behind.
constexpr std::uint64_t kKeptEvents = 3000;

volatile std::sig_atomic_t interrupted = 0;
extern "C" void interrupt(int) { interrupted = 1; }

struct Flags {
  std::uint64_t kills = 1000, seed = std::random_device()();
  std::size_t publishers = 8, subscribers = 16;
  std::string durability = "process", folder = fs::temp_directory_path().string();
};

using Clock = std::chrono::steady_clock;

unsigned long long number(std::uint64_t value) { return value; }

void print_progress(const Tally& tally, const Verdict& verdict, Clock::time_point begin) {
  std::printf("%5llu kills in %3.0f s, %llu events acknowledged, %llu seen by subscribers, %llu times wrong\n",
              number(tally.all_kills()), std::chrono::duration<double>(Clock::now() - begin).count(),
              number(tally.told.acknowledged), number(tally.told.seen), number(verdict.count()));
  std::fflush(stdout);
}

void print_result(Tally& tally, const Verdict& verdict) {
  const auto kills = [&](Moment::Kind kind) { return number(tally.kills[static_cast<std::size_t>(kind)]); };
  std::printf(
      "\nKilled %llu times: %llu soon after its start, %llu under load, %llu as it took its log into its database,\n"
      "%llu while it stopped; %llu times before it listened. And stopped %llu times.\n"
      "It listened %.0f ms after a start, 99 %% within %.0f ms, always within %.0f ms.\n"
      "%llu publications had not been answered when it was killed, and were sent again; subscribers had seen %llu of\n"
      "them before.\n\n",
      number(tally.all_kills()), kills(Moment::Kind::kStarting), kills(Moment::Kind::kUnderLoad),
      kills(Moment::Kind::kCheckpoint), kills(Moment::Kind::kStopping), number(tally.before_listening),
      kills(Moment::Kind::kStop), tally.starts_ms.at(50), tally.starts_ms.at(99), tally.starts_ms.at(100),
      number(tally.told.sent_again), number(tally.told.seen_before));
  const auto row = [](const char* what, std::uint64_t count) {
    std::printf("| %-27s | %9llu |\n", what, number(count));
  };
  row("kills", tally.all_kills());
  row("acknowledged events", tally.told.acknowledged);
  row("seen by subscribers", tally.told.seen);
  row("lost", verdict.count(Fault::kLost));
  row("twice", verdict.count(Fault::kTwice));
  row("ids used twice", verdict.count(Fault::kIdUsedTwice));
  row("gaps", verdict.count(Fault::kGap));
  row("anything else that is wrong", verdict.count(Fault::kOther));
}

int run(const Flags& flags) {
  std::string folder = flags.folder + "/kill.XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("No folder can be made in " + flags.folder);
  std::printf("%llu kills, %zu publishers, %zu subscribers, --durability %s, in %s, --seed %llu\n", number(flags.kills),
              flags.publishers, flags.subscribers, flags.durability.c_str(), folder.c_str(), number(flags.seed));
  std::mt19937_64 random(flags.seed);
  Verdict verdict;
  Tally tally;
  const Clock::time_point begin = Clock::now();
  const auto goes_on = [&] { return verdict.count() == 0 && interrupted == 0; };
  for (std::uint64_t index = 0; tally.all_kills() < flags.kills && goes_on(); ++index) {
    const fs::path own = fs::path(folder) / std::to_string(index);
    fs::create_directory(own);
    Round round({.durability = flags.durability,
                 .publishers = flags.publishers,
                 .subscribers = flags.subscribers,
                 .kept_events = index % 2 == 1 ? std::optional(kKeptEvents) : std::nullopt},
                own, verdict, tally);
    const std::uint64_t goal = std::min(flags.kills, tally.all_kills() + kKillsOfARound);
    try {
      while (tally.all_kills() < goal && goes_on()) round.live(Moment::any(random));
      round.finish();
    } catch (const std::runtime_error& error) {  // the server does not even start
      verdict.add(Fault::kOther, error.what());
    }
    print_progress(tally, verdict, begin);
    if (verdict.count() == 0) fs::remove_all(own);
  }
  print_result(tally, verdict);
  if (verdict.count() > 0) {
    std::printf("\nIt ended with the first round in which something was wrong, whose history stays in %s.\n",
                folder.c_str());
    return kFailed;
  }
  fs::remove_all(folder);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Kills the server at random moments, and compares what everybody was told. Ctrl+C ends it early.");
  app.name("kill");
  app.footer("Exit codes: 0; 1 when anything was wrong; 2 for wrong flags.");
  app.option_defaults()->always_capture_default();
  app.add_option("--kills", flags.kills, "How often it is killed")->check(CLI::Range(1, 10'000'000));
  app.add_option("--durability", flags.durability, "The server's")->check(CLI::IsMember({"process", "power"}));
  app.add_option("--publishers", flags.publishers, "Each publishes one event after the other")
      ->check(CLI::Range(1, 1000));
  app.add_option("--subscribers", flags.subscribers, "Of one channel, or of all")->check(CLI::Range(1, 10'000));
  app.add_option("--folder", flags.folder, "Where a folder is made for the history")->check(CLI::ExistingDirectory);
  app.option_defaults()->always_capture_default(false);
  app.add_option("--seed", flags.seed, "Of the moments; any unless given");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  struct sigaction action = {};
  action.sa_handler = interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl+C ends it at once
  sigaction(SIGINT, &action, nullptr);
  try {
    return run(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  }
}
