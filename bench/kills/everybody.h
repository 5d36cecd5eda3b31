// All clients over the lives of some servers, and what each was told: they publish and follow wherever they are served,
// and at the end everything is compared. One thread at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "tidings/bench/kills/lasting_clients.h"
#include "tidings/bench/kills/ledger.h"
#include "tidings/bench/kills/verdict.h"

namespace tidings::bench {

// How much was told, in all rounds.
struct Told {
  std::uint64_t acknowledged = 0, lost = 0;       // publications; lost ones only where that may be
  std::uint64_t seen = 0, gaps = 0;               // events by subscribers, and gaps that they were told
  std::uint64_t sent_again = 0, seen_before = 0;  // as a LastingPublisher counts them
};

class Everybody {
 public:
  struct Options {
    std::size_t publishers = 0, subscribers = 0;
    std::size_t servers = 1;                        // subscribers of several leave one for the next now and then
    std::optional<std::uint64_t> kept_events = {};  // of each channel; all of them where there is none
    Ledger::Losses losses = Ledger::Losses::kNone;
  };

  Everybody(const Options& options, Verdict& verdict);

  const Ledger& ledger() const { return ledger_; }

  // Follow, for as long as this object lives. The end of a life is to be that of its servers: then nobody comes back
  // any more, and each reads what was sent to it. No longer than the Everybody that it is of.
  class Life {
   public:
    Life(Everybody& everybody, std::vector<std::uint16_t> ports);
    ~Life();

    // Publishes from now on.
    void publish();
    // Publishes what is pending and nothing more, and waits until that is acknowledged and every follower has all that
    // there is.
    void settle();

   private:
    Everybody& everybody_;
    const std::vector<std::uint16_t> ports_;
    std::atomic<bool> begins_more_ = true;
    bool has_publishers_ = false;
    std::vector<std::jthread> threads_;
  };

  // Reads everything that is kept from its beginning, and calls `stop` then, which ends the servers. What is not kept
  // any more is told by a gap, and at least as much is read as is to be kept.
  void read_all(const std::vector<std::uint16_t>& ports, const std::function<void()>& stop);

  // Nothing more comes: compares, and counts.
  void close(Told& told);

 private:
  static std::vector<std::jthread> follow(std::deque<LastingFollowers>& followers,
                                          const std::vector<std::uint16_t>& ports);
  static void wait_until_all_is_read(std::deque<LastingFollowers>& followers);

  const Options options_;
  Verdict& verdict_;
  Ledger ledger_;
  std::deque<LastingPublisher> publishers_;
  std::deque<LastingFollowers> followers_;
};

}  // namespace tidings::bench
