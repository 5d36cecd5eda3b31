#include "bench/deliveries.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "bench/publisher.h"

namespace tidings::bench {

void Deliveries::take(std::size_t subscriber, const ParsedEvent& event) {
  const auto now = std::chrono::steady_clock::now();
  const auto stamp = stamp_of(event.data);
  if (!stamp || event.type != "message" || event.data.size() != bytes_) {
    ++foreign_;
    return;
  }
  Received& received = received_[subscriber];
  if (received.last == 0) {
    received.first = stamp->sequence;
  } else if (stamp->sequence != received.last + 1) {
    ++out_of_order_;
  }
  received.last = stamp->sequence;
  ++count_;
  delays_ms_.add(std::chrono::duration<double, std::milli>(now - stamp->published_at).count());
}

std::uint64_t Deliveries::lost(std::uint64_t first, std::uint64_t last) const {
  const std::uint64_t expected = (last - first + 1) * received_.size();
  return expected - std::min(count_, expected);
}

void Deliveries::expect_all(std::uint64_t first, std::uint64_t last, Verdict& verdict) const {
  std::size_t incomplete = 0;
  for (const Received& received : received_) {
    if (received.first != first || received.last != last) ++incomplete;
  }
  verdict.expect(incomplete == 0, std::to_string(incomplete) + " subscribers lack the first events or the last");
  verdict.expect(out_of_order_ == 0, std::to_string(out_of_order_) + " events did not follow the one before");
  verdict.expect(foreign_ == 0, std::to_string(foreign_) + " events were not what was published");
  const std::uint64_t expected = (last - first + 1) * received_.size();
  verdict.expect(count_ == expected, std::to_string(count_) + " of " + std::to_string(expected) + " events came");
}

}  // namespace tidings::bench
