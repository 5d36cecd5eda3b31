#include "tidings/bench/load/history_filler.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tidings::bench {

HistoryFiller::HistoryFiller(History& history, std::vector<std::string> channels, std::size_t bytes)
    : history_(history), channels_(std::move(channels)), block_("data: " + std::string(bytes, 'x') + '\n') {}

void HistoryFiller::keep(std::uint64_t events, std::uint64_t outstanding) {
  const std::uint64_t at_once = std::min(events, outstanding);
  events_ = events;
  handed_in_ = at_once;
  answered_ = 0;
  for (std::uint64_t number = 0; number < at_once; ++number) hand_in(number);
  std::unique_lock lock(mutex_);
  all_answered_.wait(lock, [this] { return answered_ == events_; });
  if (!trouble_.empty()) throw std::runtime_error(trouble_);
}

void HistoryFiller::hand_in(std::uint64_t number) {
  history_.append(channels_[number % channels_.size()], block_, {},
                  [this](const History::Receipt& receipt) { take(receipt); });
}

void HistoryFiller::take(const History::Receipt& receipt) {
  std::unique_lock lock(mutex_);
  if (receipt.outcome != History::Outcome::kKept) trouble_ = receipt.why;
  if (!trouble_.empty()) events_ = handed_in_;  // no more
  const std::uint64_t number = handed_in_;
  if (number < events_) ++handed_in_;
  if (++answered_ == events_) all_answered_.notify_one();
  lock.unlock();
  if (number < events_) hand_in(number);
}

}  // namespace tidings::bench
