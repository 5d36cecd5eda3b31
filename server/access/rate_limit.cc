#include "tidings/server/access/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

namespace tidings {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kFewestToSweep = 64;
constexpr double kLeastRate = 1.0 / 3600, kMostRate = 1e6;

// The time in which one token comes back.
nanoseconds interval(const RateLimit::Rate& rate) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(1 / rate.per_second));
}

// How long until there is a token.
nanoseconds wait_for(const RateLimit::Rate& rate, Clock::Time whole_at, Clock::Time now) {
  const auto others = std::chrono::duration_cast<nanoseconds>(interval(rate) * (rate.burst - 1));
  return std::max<nanoseconds>(whole_at - now - others, nanoseconds(0));
}

// Who has IPv6 has a network of it, of 64 bits, homes often of 56 and sites of 48, and may send each request from
// another address of that network. So all addresses that begin with the same 48 bits are one client.
constexpr std::size_t kSiteBytes = 6;

std::string client_of(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &bytes) != 1) return address;
  return {reinterpret_cast<const char*>(bytes.s6_addr), kSiteBytes};
}

}  // namespace

RateLimit::RateLimit(Options options) : options_(options), sweep_at_(kFewestToSweep) {
  for (const Rate& rate : {options.each, options.all}) {
    if (!(rate.per_second >= kLeastRate && rate.per_second <= kMostRate && rate.burst >= 1 &&
          rate.burst <= kMostRate)) {
      throw std::invalid_argument(
          "A rate limit allows from one an hour to a million a second, and bursts up to a million.");
    }
  }
}

std::optional<nanoseconds> RateLimit::take(const std::string& address, Clock::Time now) {
  const std::lock_guard lock(mutex_);
  const std::string client = client_of(address);
  const auto found = each_.find(client);
  const WholeAt whole_at = found == each_.end() ? now : std::max(found->second, now);
  const nanoseconds wait =
      std::max(wait_for(options_.each, whole_at, now), wait_for(options_.all, std::max(all_, now), now));
  if (wait > nanoseconds(0)) return wait;
  if (each_.size() >= sweep_at_) forget_whole(now);
  all_ = std::max(all_, now) + interval(options_.all);
  each_[client] = whole_at + interval(options_.each);
  return std::nullopt;
}

std::size_t RateLimit::size() const {
  const std::lock_guard lock(mutex_);
  return each_.size();
}

void RateLimit::forget_whole(Clock::Time now) {
  std::erase_if(each_, [now](const auto& entry) { return entry.second <= now; });
  sweep_at_ = std::max(kFewestToSweep, 2 * each_.size());
}

}  // namespace tidings
