#include "tidings/bench/load/deliveries.h"

#include "tidings/bench/load/publisher.h"

namespace tidings::bench {

void Deliveries::take(std::size_t subscriber, std::string_view data) {
  const auto now = std::chrono::steady_clock::now();
  const auto stamp = stamp_of(data);
  if (!stamp || stamp->publisher >= publishers_) {
    ++misplaced_;
    return;
  }
  std::uint64_t& last = last_[subscriber * publishers_ + stamp->publisher];
  if (stamp->sequence <= last) {
    ++misplaced_;
    return;
  }
  last = stamp->sequence;
  ++count_;
  last_at_ = now;
  delays_ms_.add(std::chrono::duration<double, std::milli>(now - stamp->published_at).count());
}

}  // namespace tidings::bench
