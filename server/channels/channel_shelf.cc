#include "tidings/server/channels/channel_shelf.h"

#include <algorithm>
#include <utility>

#include "tidings/server/channels/channel.h"

namespace tidings {
namespace {

// How old the shelf's knowledge of a busy channel may be: it is told once in this time, not with each event. So before
// a full shelf lets a channel go, it moves those to the end that were published to meanwhile, at most kSecondChances.
constexpr std::chrono::seconds kNews{1};
constexpr int kSecondChances = 64;

// What ShelfPlace::touched is for a channel in emptied_.
constexpr Clock::Time kEmptied = Clock::Time::min();

}  // namespace

ChannelShelf::ChannelShelf(std::size_t max_channels, std::chrono::milliseconds max_age,
                           std::shared_ptr<const Clock> clock, std::size_t max_measured)
    : max_channels_(std::max<std::size_t>(1, max_channels)),
      max_measured_(max_measured),
      max_age_(max_age),
      clock_(std::move(clock)) {}

void ChannelShelf::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto known = names_.find(name);
  if (known == names_.end() || !known->second.expired()) return;  // it has been made anew
  sorted_.erase(known->first);
  names_.erase(known);
}

std::shared_ptr<Channel> ChannelShelf::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto known = names_.find(std::string(name));
  return known == names_.end() ? nullptr : known->second.lock();
}

std::vector<std::shared_ptr<Channel>> ChannelShelf::behind(std::string_view after, std::size_t most) const {
  std::vector<std::shared_ptr<Channel>> channels;  // before the lock, as in find_or_make()
  const std::lock_guard lock(mutex_);
  for (auto name = sorted_.upper_bound(after); name != sorted_.end() && channels.size() < most; ++name) {
    // One that is being destroyed is none.
    if (auto channel = names_.find(std::string(*name))->second.lock()) channels.push_back(std::move(channel));
  }
  return channels;
}

void ChannelShelf::keep(const std::shared_ptr<Channel>& channel) {
  Channels gone;
  {
    const std::lock_guard lock(mutex_);
    ShelfPlace& place = channel->shelf_place_;
    if (is_closed_) return channel->set_kept();
    if (place.is_taken) return;
    place.at = with_events_.insert(with_events_.end(), channel);
    place.is_taken = true;
    place.published = clock_->now();
    place.touched = place.published.load();
    channel->set_kept();
    if (with_events_.size() + emptied_.size() > max_channels_) gone = take_longest_idle();
    measure(place);
  }
  for (const std::shared_ptr<Channel>& each : gone) each->drop_events();
}

void ChannelShelf::close() {
  Channels gone;  // dropped without the lock
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (Channels* const each : {&with_events_, &emptied_}) {
    for (const std::shared_ptr<Channel>& channel : *each) {
      channel->shelf_place_.is_taken = false;
      measure_no_more(channel->shelf_place_);
    }
    gone.splice(gone.end(), *each);
  }
}

// Called under the lock; the caller destroys what it returns after the lock is released.
ChannelShelf::Channels ChannelShelf::take_longest_idle() {
  Channels& from = emptied_.empty() ? with_events_ : emptied_;
  for (int chances = 0; chances < kSecondChances && emptied_.empty(); ++chances) {
    ShelfPlace& place = with_events_.front()->shelf_place_;
    if (place.published.load() <= place.touched.load()) break;
    move_to_end(with_events_, place);
  }
  Channels taken;
  taken.splice(taken.begin(), from, from.begin());
  Channel& channel = *taken.front();
  channel.shelf_place_.is_taken = false;
  measure_no_more(channel.shelf_place_);
  floor_ = std::max(floor_, channel.set_let_go());
  return taken;
}

void ChannelShelf::published(Channel& channel, Clock::Time now) {
  ShelfPlace& place = channel.shelf_place_;
  published_.fetch_add(1, std::memory_order_relaxed);
  place.published.store(now, std::memory_order_relaxed);
  if (now < place.touched.load(std::memory_order_relaxed) + kNews) return;
  const std::lock_guard lock(mutex_);
  if (!place.is_taken) return;  // let go meanwhile
  move_to_end(place.touched.load() == kEmptied ? emptied_ : with_events_, place);
}

void ChannelShelf::move_to_end(Channels& from, ShelfPlace& place) {
  with_events_.splice(with_events_.end(), from, place.at);
  place.touched = place.published.load();
}

bool ChannelShelf::expire(std::size_t most) {
  Channels old;
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    const Clock::Time now = clock_->now();
    for (; count < most && !with_events_.empty(); ++count) {
      ShelfPlace& place = with_events_.front()->shelf_place_;
      if (place.touched.load() + kNews + max_age_ > now) break;
      old.push_back(with_events_.front());
      place.touched = kEmptied;
      emptied_.splice(emptied_.end(), with_events_, with_events_.begin());
    }
  }
  for (const std::shared_ptr<Channel>& channel : old) channel->drop_old_events();
  return count == most;
}

// These two are called under the lock.
void ChannelShelf::measure(ShelfPlace& place) {
  if (measured_.size() == max_measured_ || !place.is_taken) return;
  place.is_measured = true;
  measured_.add(place);
}

void ChannelShelf::measure_no_more(ShelfPlace& place) {
  if (!std::exchange(place.is_measured, false)) return;
  measured_.remove(place);
}

std::vector<std::shared_ptr<Channel>> ChannelShelf::measured() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Channel>> channels;
  channels.reserve(measured_.size());
  for (std::size_t i = 0; i < measured_.size(); ++i) channels.push_back(*measured_[i].at);
  return channels;
}

std::size_t ChannelShelf::kept() const {
  const std::lock_guard lock(mutex_);
  return with_events_.size() + emptied_.size();
}

}  // namespace tidings
