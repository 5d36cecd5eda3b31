// Clients that outlast servers: publishers that send each publication until it is answered, and followers that come
// back to where they were. Where there are several servers, whoever is cut or refused goes on with the next. A life of
// the servers is a call of them; in between they keep what they know.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "tidings/bench/kills/ledger.h"
#include "tidings/bench/kills/reading.h"
#include "tidings/bench/kills/verdict.h"
#include "tidings/bench/load/page_client.h"

namespace tidings::bench {

// Publishes one event after the other, each with a key. One thread at a time, but for is_pending().
class LastingPublisher {
 public:
  LastingPublisher(std::uint32_t number, Ledger& ledger, Verdict& verdict)
      : number_(number), ledger_(ledger), verdict_(verdict) {}

  // Until it is told to stop and the connection has ended; once it is not to begin more, also when all is acknowledged.
  // `begins_more` outlives the call.
  void publish(const std::vector<std::uint16_t>& ports, std::stop_token stop, const std::atomic<bool>& begins_more);

  // Whether the last publication was sent and never answered.
  bool is_pending() const { return is_pending_; }
  // How often a publication was sent again, and how often a subscriber had seen it before that.
  std::uint64_t sent_again() const { return sent_again_; }
  std::uint64_t seen_before() const { return seen_before_; }

 private:
  // Whether it was acknowledged.
  bool publish_next(PageClient& client);

  const std::uint32_t number_;
  Ledger& ledger_;
  Verdict& verdict_;
  std::uint32_t next_ = 0;
  std::atomic<bool> is_pending_ = false;
  std::uint64_t sent_again_ = 0, seen_before_ = 0;
};

// Follow one channel or several on one stream each, from one thread. readings() may be asked by others.
class LastingFollowers {
 public:
  // They begin with the server of that number, and leave it for the next after `stay`, if that is given.
  LastingFollowers(std::size_t count, std::vector<std::size_t> channels, Ledger& ledger, Verdict& verdict,
                   std::size_t server = 0, std::optional<std::chrono::milliseconds> stay = std::nullopt);

  // Until it is told to stop and all connections have ended.
  void follow(const std::vector<std::uint16_t>& ports, std::stop_token stop);

  std::deque<Reading>& readings() { return readings_; }

 private:
  std::string target_;
  std::size_t server_;
  const std::optional<std::chrono::milliseconds> stay_;
  std::deque<Reading> readings_;
};

}  // namespace tidings::bench
