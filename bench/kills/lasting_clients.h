// Clients that outlast the server: publishers that send each publication until it is answered, and followers that come
// back to where they were. A life of the server is a call of them; in between they keep what they know.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
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

  // Until it is told to stop and the connection has ended. Without `begins_more` also once all is acknowledged.
  void publish(std::uint16_t port, std::stop_token stop, bool begins_more);

  // Whether the last publication was sent and never answered.
  bool is_pending() const { return is_pending_; }
  // Publications that were sent again, and those among them that a subscriber had seen before.
  std::uint64_t sent_again() const { return sent_again_; }
  std::uint64_t seen_before() const { return seen_before_; }

 private:
  void publish_next(PageClient& client);

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
  LastingFollowers(std::size_t count, std::vector<std::size_t> channels, Ledger& ledger, Verdict& verdict);

  // Until it is told to stop and all connections have ended.
  void follow(std::uint16_t port, std::stop_token stop);

  std::deque<Reading>& readings() { return readings_; }

 private:
  std::string target_;
  std::deque<Reading> readings_;
};

}  // namespace tidings::bench
