// How often something may be done: by one client, and, where that is wanted, by all together. What a client does not
// use adds up to a burst. Source: the generic cell rate algorithm of ITU-T I.371. Any thread.
//
// Of a client that has done it a time is known, when its burst is whole again; until then it takes 16 bytes, and
// nothing afterwards. Memory is bounded whoever comes: at most kMostClients are known, in a table that grows up to 4
// MiB and has a place among sixteen for each. Where those are taken, the one of them is forgotten that has the least of
// its burst to get back: it may then do it more often than it should, up to another burst. So nobody is refused for
// what others do, and who does it all the time stays known for the longest. Up to 100,000 clients at a time hardly ever
// need another's place.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/access/sip_hash.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class RateLimit {
 public:
  struct Rate {
    double per_second;  // in the long run; from one an hour to a million
    double burst;       // at once, after a pause; from 1 to a million
  };
  struct Options {
    Rate each = {.per_second = 20, .burst = 100};   // one client
    Rate all = {.per_second = 200, .burst = 1000};  // all of them together
  };
  static constexpr std::size_t kMostClients = std::size_t{1} << 18;

  // Of each client, and of all together. Both throw std::invalid_argument with a sentence for a rate or a burst out of
  // bounds.
  explicit RateLimit(Options options);
  // Of each client alone.
  explicit RateLimit(Rate each);

  // Lets the client of this name do it once more and returns nothing, or returns how long it has to wait.
  std::optional<std::chrono::nanoseconds> take(std::string_view client, Clock::Time now);

  // How many bytes the table has.
  std::size_t bytes() const;

 private:
  using Time = Clock::Time;

  struct Pace {
    explicit Pace(const Rate& rate);
    std::chrono::nanoseconds wait(Time whole_at, Time now) const;

    std::chrono::nanoseconds interval;  // in which one comes back
    std::chrono::nanoseconds others;    // in which the rest of the burst does
  };
  // Whose burst is whole is nobody: the place is free.
  struct Client {
    std::uint64_t key = 0;  // the hash of its name
    Time whole_at{};        // when its burst is whole again, or was
  };
  using Set = std::array<Client, 16>;  // in no order

  RateLimit(const Rate& each, const Rate* all);
  Client& place_of(std::uint64_t key, Time now);
  void grow(Time now);

  const Pace each_;
  const std::optional<Pace> all_;
  const SipKey key_;
  mutable std::mutex mutex_;
  Time all_whole_at_{};
  std::vector<Set> sets_;  // a power of two of them, and none before the first client
};

// Whom an address counts as: an IPv4 address as itself; an IPv6 address as its network of so many bits, a multiple of
// 8, since who has IPv6 has a network of 64 bits or more and may come from another address of that each time. What is
// neither (`unix`, by a Unix socket that no proxy has named the client on) is one client, whoever that is.
std::string client_of(const std::string& address, std::size_t ipv6_bits = 64);

}  // namespace tidings
