#include "tidings/server/redis/in_order.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidings {
namespace {

// What an item costs beside its block.
constexpr std::size_t kItemBytes = 256;

}  // namespace

void InOrder::begin(const Extent& extent) {
  has_begun_ = true;
  extent_ = extent;
  known_next_ = extent.next;
  take_early();
  if (forgotten_ && !is_told(*forgotten_)) known_next_ = std::max(known_next_, extent_.next + 1);
}

void InOrder::offer(Item item) {
  if (has_begun_ && is_told(item.at)) return;
  const bool is_next = item.at == Position{extent_.epoch, extent_.next};
  // Nothing comes any more from before another epoch, or before a clearing.
  const bool is_last_word = item.at.epoch > extent_.epoch || item.is_clearing;
  if (!has_begun_ || (!is_next && !is_last_word)) return keep_early(std::move(item));
  take(item);
  take_early();
}

void InOrder::drop(const Position& first) {
  if (first.epoch == extent_.epoch && first.sequence <= extent_.next) first_ = std::max(first_, first.sequence);
}

void InOrder::meet(const Extent& extent) {
  if (extent.epoch > extent_.epoch) {
    begin_epoch(extent);
    take_early();
  } else if (extent.epoch == extent_.epoch) {
    known_next_ = std::max(known_next_, extent.next);
  }
}

void InOrder::read(const Extent& extent, std::vector<Item> items) {
  if (extent.epoch != extent_.epoch) return meet(extent);
  const bool is_anything_there = extent.next > extent_.next;
  known_next_ = is_anything_there ? std::max(known_next_, extent.next) : extent_.next;
  const auto skip = [&](std::uint64_t next) {
    if (next > extent_.next && extent_.epoch == extent.epoch) skip_to(next);
  };
  for (Item& item : items) {
    skip(item.at.sequence);
    offer(std::move(item));
  }
  if (items.empty()) skip(extent.next);
  take_early();
  // What was there before the read, and is not in Redis, is nothing that Redis has told.
  if (!is_anything_there && waited_for_ && !early_.empty() && early_.begin()->first == *waited_for_) {
    forget(early_.begin());
  }
  waited_for_.reset();
}

std::optional<std::uint64_t> InOrder::missing_from() const {
  if (!has_begun_ || (known_next_ <= extent_.next && !waited_for_)) return {};
  return extent_.next;
}

void InOrder::give_up_waiting() {
  if (is_waiting()) waited_for_ = early_.begin()->first;
}

void InOrder::flush() {
  if (!gathered_.empty()) sink_.kept(gathered_);
  gathered_.clear();
  owners_.clear();
  if (first_ > extent_.first && first_ <= extent_.next) {
    extent_.first = first_;
    sink_.dropped(first_);
  }
  first_ = 0;
}

// An item that is told now: the next one, or one before which nothing comes any more.
void InOrder::take(const Item& item) {
  if (item.at.epoch > extent_.epoch) {
    const std::uint64_t first = std::clamp<std::uint64_t>(item.first, 1, item.at.sequence);
    begin_epoch({.epoch = item.at.epoch, .first = first, .next = item.at.sequence});
  }
  if (item.is_clearing) return skip_to(item.at.sequence + 1);
  gathered_.push_back({.at = item.at, .block = item.block, .time = item.time});
  owners_.push_back(item.owner);
  extent_.next = item.at.sequence + 1;
  known_next_ = std::max(known_next_, extent_.next);
  first_ = std::max(first_, item.first);
}

void InOrder::take_early() {
  while (!early_.empty()) {
    const auto first = early_.begin();
    if (is_told(first->first)) {
      forget(first);
      continue;
    }
    const bool is_next = first->first == Position{extent_.epoch, extent_.next};
    if (!is_next && first->first.epoch == extent_.epoch && !first->second.is_clearing) break;
    const Item item = std::move(first->second);
    forget(first);
    take(item);
  }
  if (early_.empty()) waited_for_.reset();
}

void InOrder::begin_epoch(const Extent& extent) {
  flush();
  extent_ = extent;
  known_next_ = extent.next;
  waited_for_.reset();
  sink_.began(extent);
}

// All that was before is gone.
void InOrder::skip_to(std::uint64_t next) {
  flush();
  extent_.first = extent_.next = next;
  known_next_ = std::max(known_next_, next);
  sink_.cleared(next);
}

void InOrder::forget(std::map<Position, Item>::iterator item) {
  early_bytes_ -= item->second.block.size() + kItemBytes;
  early_.erase(item);
}

// The latest goes where it is too much: what is before it is wanted sooner. Redis has it, so it will be read.
void InOrder::keep_early(Item item) {
  const std::size_t bytes = item.block.size() + kItemBytes;
  const Position at = item.at;
  if (early_.emplace(at, std::move(item)).second) early_bytes_ += bytes;
  while (early_bytes_ > max_early_bytes_ && !early_.empty()) {
    const auto last = std::prev(early_.end());
    if (has_begun_) {
      known_next_ = std::max(known_next_, last->first.sequence + 1);
    } else {
      forgotten_ = std::max(forgotten_.value_or(Position()), last->first);
    }
    forget(last);
  }
}

}  // namespace tidings
