#include "server/event_log.h"

#include <algorithm>
#include <cstring>

namespace tidings {
namespace {

// Large enough for gathered writes, small enough that a log of a few events stays small: segments double up to here.
constexpr std::size_t kLeastSegment = 1024, kMostSegment = 64 * 1024;

}  // namespace

void EventLog::append(std::string_view encoded, Clock::Time now) {
  if (current_.capacity - current_.size < encoded.size()) {
    current_.capacity = std::max(encoded.size(), std::clamp(2 * current_.capacity, kLeastSegment, kMostSegment));
    current_.bytes = std::shared_ptr<char[]>(new char[current_.capacity]);
    current_.size = 0;
  }
  char* const begin = current_.bytes.get() + current_.size;
  std::memcpy(begin, encoded.data(), encoded.size());
  current_.size += encoded.size();
  bytes_ += encoded.size();
  entries_.push_back({current_.bytes, begin, encoded.size(), now});
  while (entries_.size() > 1 && (entries_.size() > limits_.max_events || bytes_ > limits_.max_bytes)) drop_first();
  expire(now);
}

void EventLog::expire(Clock::Time now) {
  while (!entries_.empty() && entries_.front().time + limits_.max_age <= now) drop_first();
  if (entries_.empty()) current_ = Segment();
}

std::optional<Clock::Time> EventLog::expiry() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().time + limits_.max_age;
}

EventLog::Run EventLog::read(Sequence from, std::size_t max_bytes) const {
  std::size_t index = from - first_;
  const Entry& first = entries_[index];
  Run run{.pin = first.segment, .bytes = {first.begin, first.size}, .next = from + 1, .time = first.time};
  for (++index; index < entries_.size() && entries_[index].begin == run.bytes.data() + run.bytes.size() &&
                entries_[index].segment == first.segment && run.bytes.size() + entries_[index].size <= max_bytes;
       ++index) {
    run.bytes = {run.bytes.data(), run.bytes.size() + entries_[index].size};
    ++run.next;
    run.time = entries_[index].time;
  }
  run.is_newest = index == entries_.size();
  return run;
}

void EventLog::drop_first() {
  bytes_ -= entries_.front().size;
  entries_.pop_front();
  ++first_;
}

}  // namespace tidings
