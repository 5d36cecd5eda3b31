// kill -9 of the server at random moments, again and again, while it keeps its history in a folder, is published to and
// followed: no acknowledged event may be lost or come twice, no id may be used twice, nobody may be told a gap.
#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "tidings/bench/kills/killer.h"
#include "tidings/bench/kills/round.h"
#include "tidings/bench/kills/rounds.h"
#include "tidings/bench/kills/verdict.h"

namespace {

using namespace tidings::bench;

// Of each channel in every other round: so few that old events go all the time, so many that no follower is left
// behind.
constexpr std::uint64_t kKeptEvents = 3000;

unsigned long long number(std::uint64_t value) { return value; }

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
  const auto row = [](const char* what, std::uint64_t count) { print_row(what, count, 27); };
  row("kills", tally.all_kills());
  row("acknowledged events", tally.told.acknowledged);
  row("seen by subscribers", tally.told.seen);
  row("lost", verdict.count(Fault::kLost));
  row("twice", verdict.count(Fault::kTwice));
  row("ids used twice", verdict.count(Fault::kIdUsedTwice));
  row("gaps", verdict.count(Fault::kGap));
  row("anything else that is wrong", verdict.count(Fault::kOther));
}

int run(const KillFlags& flags, const std::string& durability) {
  std::mt19937_64 random(flags.seed);
  Verdict verdict;
  Tally tally;
  const auto live = [&](std::uint64_t index, const std::filesystem::path& folder, std::uint64_t goal,
                        const std::function<bool()>& goes_on) {
    Round round({.durability = durability,
                 .publishers = flags.publishers,
                 .subscribers = flags.subscribers,
                 .kept_events = index % 2 == 1 ? std::optional(kKeptEvents) : std::nullopt},
                folder, verdict, tally);
    while (tally.all_kills() < goal && goes_on()) round.live(Moment::any(random));
    round.finish();
  };
  return live_rounds(flags,
                     {.name = "kill",
                      .what = "--durability " + durability,
                      .what_stays = "its history stays",
                      .told = tally.told,
                      .count = [&] { return tally.all_kills(); },
                      .live = live,
                      .print_result = [&] { print_result(tally, verdict); }},
                     verdict);
}

}  // namespace

int main(int argc, char** argv) {
  KillFlags flags{.kills = 1000, .subscribers = 16};
  std::string durability = "process";
  CLI::App app("Kills the server at random moments, and compares what everybody was told. Ctrl+C ends it early.");
  app.name("kill");
  flags.add_to(app);
  app.add_option("--durability", durability, "The server's")
      ->check(CLI::IsMember({"process", "power"}))
      ->capture_default_str();
  return run_kills(app, argc, argv, [&] { return run(flags, durability); });
}
