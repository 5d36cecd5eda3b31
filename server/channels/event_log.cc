#include "tidings/server/channels/event_log.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tidings/server/http/chunk.h"

namespace tidings {
namespace {

// Large enough for gathered writes, small enough that a log of a few events stays small: segments double up to here.
constexpr std::size_t kLeastSegment = 1024, kMostSegment = 64 * 1024;

}  // namespace

void EventLog::append(std::string_view block, const EventLines& lines, Clock::Time now) {
  const ChunkHead head(block.size());
  const std::size_t chunk_size = head.view().size() + block.size() + kChunkEnd.size();
  if (chunk_size > kMostEventBytes) throw std::length_error("an encoded event has 4 GiB or more");
  if (current_.capacity - current_.size < chunk_size) {
    const std::size_t capacity = std::max(chunk_size, std::clamp(2 * current_.capacity, kLeastSegment, kMostSegment));
    current_ = {.bytes = std::shared_ptr<char[]>(new char[capacity]), .capacity = capacity, .size = 0};
  }
  char* const chunk = current_.bytes.get() + current_.size;
  char* end = chunk;
  for (const std::string_view part : {head.view(), block, kChunkEnd}) {
    std::memcpy(end, part.data(), part.size());
    end += part.size();
  }
  current_.size += chunk_size;
  bytes_ += block.size();
  if (!entries_) entries_.emplace();
  entries_->push_back({.segment = current_.bytes,
                       .chunk = chunk,
                       .chunk_size = static_cast<std::uint32_t>(chunk_size),
                       .block_size = static_cast<std::uint32_t>(block.size()),
                       .type = static_cast<std::uint32_t>(lines.type),
                       .data = static_cast<std::uint32_t>(lines.data),
                       .id = static_cast<std::uint32_t>(lines.id),
                       .time = now});
  while (count() > 1 && (count() > limits_.max_events || bytes_ > limits_.max_bytes)) drop_first();
  expire(now);
}

void EventLog::expire(Clock::Time now) {
  while (entries_ && entries_->front().time + limits_.max_age <= now) drop_first();
}

void EventLog::clear() {
  first_ = next();
  bytes_ = 0;
  entries_.reset();
  current_ = Segment();
}

void EventLog::begin_at(Sequence first) {
  clear();
  first_ = first;
}

EventLog::Run EventLog::read(Sequence from, std::size_t max_bytes) const {
  const std::deque<Entry>& entries = *entries_;
  std::size_t index = from - first_;
  const Entry& first = entries[index];
  const std::size_t head = first.chunk_size - kChunkEnd.size() - first.block_size;
  Run run{.pin = first.segment,
          .chunks = {first.chunk, first.chunk_size},
          .block = {first.chunk + head, first.block_size},
          .lines = {.type = first.type, .data = first.data, .id = first.id},
          .next = from + 1,
          .time = first.time};
  for (++index; index < entries.size() && entries[index].chunk == run.chunks.data() + run.chunks.size() &&
                entries[index].segment == first.segment && run.chunks.size() + entries[index].chunk_size <= max_bytes;
       ++index) {
    run.chunks = {run.chunks.data(), run.chunks.size() + entries[index].chunk_size};
    ++run.next;
    run.time = entries[index].time;
  }
  run.is_newest = index == entries.size();
  return run;
}

void EventLog::drop_first() {
  if (count() == 1) return clear();
  bytes_ -= entries_->front().block_size;
  entries_->pop_front();
  ++first_;
}

}  // namespace tidings
