// Some lives of a server on one data folder, with the same publishers and followers over all of them; at the end
// everything is compared. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tidings/bench/kills/everybody.h"
#include "tidings/bench/kills/killer.h"
#include "tidings/bench/kills/verdict.h"
#include "tidings/bench/load/percentiles.h"
#include "tidings/bench/rivals/server_process.h"

namespace tidings::bench {

// What has happened, in all rounds.
struct Tally {
  std::array<std::uint64_t, Moment::kKinds> kills{};  // by kind; in place of kStop the servers that have ended in time
  std::uint64_t before_listening = 0;                 // of the kills
  Told told;
  Percentiles starts_ms;  // from a start to the line with the URL

  std::uint64_t all_kills() const;
};

class Round {
 public:
  struct Options {
    std::string durability;
    std::size_t publishers, subscribers;
    std::optional<std::uint64_t> kept_events;  // by each channel; all of them where there is none
  };

  // The folder must be there and empty.
  Round(const Options& options, std::filesystem::path folder, Verdict& verdict, Tally& tally);

  // One life of the server, to this moment.
  void live(const Moment& moment);
  // Two more that are not killed: all that is pending is acknowledged, every follower gets all that there is, and then
  // everything that is kept is read from the beginning. Throws std::runtime_error where the server does not start.
  void finish();

 private:
  std::vector<std::string> arguments() const;
  std::filesystem::path database() const { return folder_ / "history.db"; }
  void stop(ServerProcess& server);

  const Options options_;
  const std::filesystem::path folder_;
  Verdict& verdict_;
  Tally& tally_;
  Everybody everybody_;
};

}  // namespace tidings::bench
