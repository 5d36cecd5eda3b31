#include "tidings/bench/kills/rounds.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace tidings::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kFailed = 1, kUsageError = 2;
constexpr std::uint64_t kKillsOfARound = 50;

volatile std::sig_atomic_t interrupted = 0;
extern "C" void interrupt(int) { interrupted = 1; }

unsigned long long number(std::uint64_t value) { return value; }

}  // namespace

void KillFlags::add_to(CLI::App& app) {
  app.option_defaults()->always_capture_default();
  app.add_option("--kills", kills, "How often something is killed")->check(CLI::Range(1, 10'000'000));
  app.add_option("--publishers", publishers, "Each publishes one event after the other")->check(CLI::Range(1, 1000));
  app.add_option("--subscribers", subscribers, "Of one channel, or of all")->check(CLI::Range(1, 10'000));
  app.add_option("--folder", folder, "Where a folder is made for what is kept")->check(CLI::ExistingDirectory);
  app.option_defaults()->always_capture_default(false);
  app.add_option("--seed", seed, "Of the moments; any unless given");
}

int live_rounds(const KillFlags& flags, const Kills& kills, Verdict& verdict) {
  std::string folder = flags.folder + '/' + kills.name + ".XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("No folder can be made in " + flags.folder);
  std::printf("%llu kills, %zu publishers, %zu subscribers, %s, in %s, --seed %llu\n", number(flags.kills),
              flags.publishers, flags.subscribers, kills.what.c_str(), folder.c_str(), number(flags.seed));
  const auto begin = std::chrono::steady_clock::now();
  const std::function<bool()> goes_on = [&] { return verdict.count() == 0 && interrupted == 0; };
  for (std::uint64_t index = 0; kills.count() < flags.kills && goes_on(); ++index) {
    const fs::path own = fs::path(folder) / std::to_string(index);
    fs::create_directory(own);
    try {
      kills.live(index, own, std::min(flags.kills, kills.count() + kKillsOfARound), goes_on);
    } catch (const std::runtime_error& error) {  // something does not even start
      verdict.add(Fault::kOther, error.what());
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    std::printf("%5llu kills in %3.0f s, %llu events acknowledged, %llu seen by subscribers, %llu times wrong\n",
                number(kills.count()), time.count(), number(kills.told.acknowledged), number(kills.told.seen),
                number(verdict.count()));
    std::fflush(stdout);
    if (verdict.count() == 0) fs::remove_all(own);
  }
  kills.print_result();
  if (verdict.count() > 0) {
    std::printf("\nIt ended with the first round in which something was wrong: %s in %s.\n", kills.what_stays,
                folder.c_str());
    return kFailed;
  }
  fs::remove_all(folder);
  return 0;
}

int run_kills(CLI::App& app, int argc, char** argv, const std::function<int()>& run) {
  app.footer("Exit codes: 0; 1 when anything was wrong; 2 for wrong flags.");
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
    return run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return kFailed;
  }
}

void print_row(const char* what, std::uint64_t count, int width) {
  std::printf("| %-*s | %9llu |\n", width, what, number(count));
}

}  // namespace tidings::bench
