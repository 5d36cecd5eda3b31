// What the programs that kill have in common: their flags, rounds in a folder each until something is wrong or it is
// enough, and what they print. One thread at a time.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include "tidings/bench/kills/everybody.h"
#include "tidings/bench/kills/verdict.h"

namespace tidings::bench {

struct KillFlags {
  std::uint64_t kills = 0, seed = std::random_device()();
  std::size_t publishers = 8, subscribers = 0;
  std::string folder = std::filesystem::temp_directory_path().string();

  // Gives the program these, each with what it is now as its default, but for the seed.
  void add_to(CLI::App& app);
};

// One kind of life that is killed.
struct Kills {
  const char* name;                      // the program's
  std::string what;                      // of its further flags, for the first line
  const char* what_stays;                // in the folder, where something is wrong: a clause
  const Told& told;                      // in all rounds
  std::function<std::uint64_t()> count;  // in all rounds
  // Round `index`, in this folder: goes on until there are `goal` kills, or `goes_on` says no.
  std::function<void(std::uint64_t index, const std::filesystem::path& folder, std::uint64_t goal,
                     const std::function<bool()>& goes_on)>
      live;
  std::function<void()> print_result;
};

// Lives rounds until so many are killed, Ctrl+C is pressed or something is wrong. Returns the exit code.
int live_rounds(const KillFlags& flags, const Kills& kills, Verdict& verdict);

// Parses the flags and runs that. Returns the exit code: 1 with a sentence where it throws, 2 for wrong flags.
int run_kills(CLI::App& app, int argc, char** argv, const std::function<int()>& run);

// A row of the table at the end, whose first column has the width of the longest.
void print_row(const char* what, std::uint64_t count, int width);

}  // namespace tidings::bench
