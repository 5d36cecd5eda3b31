#include "tidings/server/access/rate_limit.h"

#include <arpa/inet.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kFewestSets = 4;
constexpr double kLeastRate = 1.0 / 3600, kMostRate = 1e6;

nanoseconds in(double seconds) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
}

const RateLimit::Rate& checked(const RateLimit::Rate& rate) {
  if (rate.per_second >= kLeastRate && rate.per_second <= kMostRate && rate.burst >= 1 && rate.burst <= kMostRate) {
    return rate;
  }
  throw std::invalid_argument(
      "A rate limit allows from one an hour to a million a second, and bursts up to a million.");
}

SipKey random_key() {
  std::random_device random;
  const auto number = [&random] { return (std::uint64_t{random()} << 32) | random(); };
  return {.first = number(), .second = number()};
}

}  // namespace

RateLimit::Pace::Pace(const Rate& rate)
    : interval(in(1 / rate.per_second)), others(in((rate.burst - 1) / rate.per_second)) {}

// How long until there is one.
nanoseconds RateLimit::Pace::wait(Time whole_at, Time now) const {
  return std::max<nanoseconds>(whole_at - now - others, nanoseconds(0));
}

RateLimit::RateLimit(const Rate& each, const Rate* all)
    : each_(checked(each)), all_(all ? std::optional(Pace(checked(*all))) : std::nullopt), key_(random_key()) {}
RateLimit::RateLimit(Options options) : RateLimit(options.each, &options.all) {}
RateLimit::RateLimit(Rate each) : RateLimit(each, nullptr) {}

std::optional<nanoseconds> RateLimit::take(std::string_view client, Time now) {
  const std::uint64_t key = sip_hash(key_, client);
  const std::lock_guard lock(mutex_);
  Client& place = place_of(key, now);
  const Time whole_at = place.key == key ? std::max(place.whole_at, now) : now;
  const Time all_whole_at = std::max(all_whole_at_, now);
  const nanoseconds wait = std::max(each_.wait(whole_at, now), all_ ? all_->wait(all_whole_at, now) : nanoseconds(0));
  if (wait > nanoseconds(0)) return wait;
  if (all_) all_whole_at_ = all_whole_at + all_->interval;
  place = {.key = key, .whole_at = whole_at + each_.interval};
  return std::nullopt;
}

// The client's own; a newcomer's is a free one, else, where the table can't grow any more, that of the one in its set
// whose burst is whole the soonest.
RateLimit::Client& RateLimit::place_of(std::uint64_t key, Time now) {
  for (;;) {
    if (sets_.empty()) sets_.resize(kFewestSets);
    Set& set = sets_[key % sets_.size()];
    const auto known = std::find_if(set.begin(), set.end(), [key](const Client& each) { return each.key == key; });
    if (known != set.end()) return *known;
    Client& soonest = *std::min_element(set.begin(), set.end(),
                                        [](const Client& a, const Client& b) { return a.whole_at < b.whole_at; });
    if (soonest.whole_at <= now || sets_.size() * set.size() == kMostClients) return soonest;
    grow(now);
  }
}

// To twice as many sets. Each set's clients go to one of two, so all of them find a place.
void RateLimit::grow(Time now) {
  std::vector<Set> sets(2 * sets_.size());
  for (const Set& set : sets_) {
    for (const Client& each : set) {
      if (each.whole_at <= now) continue;
      Set& into = sets[each.key % sets.size()];
      *std::find_if(into.begin(), into.end(), [](const Client& place) { return place.whole_at == Time(); }) = each;
    }
  }
  sets_ = std::move(sets);
}

std::size_t RateLimit::bytes() const {
  const std::lock_guard lock(mutex_);
  return sets_.capacity() * sizeof(Set);
}

std::string client_of(const std::string& address, std::size_t ipv6_bits) {
  if (address.find(':') == address.npos) return address;
  in6_addr bytes{};
  if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &bytes) != 1) return address;
  return {reinterpret_cast<const char*>(bytes.s6_addr), ipv6_bits / 8};
}

}  // namespace tidings
