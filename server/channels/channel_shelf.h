// Which channels keep events: those that were published to, at most so many. Where one more is, the one that was
// published to the longest time ago is let go, and its events with it.
//
//   published to ──► with events ──too old──► emptied ──full house──► let go
//
// Readers put nothing here: a channel that nobody has published to lives as long as somebody holds it. What goes is not
// forgotten: a channel that is made later begins behind every number that one that is gone has given out, so no id is
// given out twice. Each call takes the same time however many channels there are. Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tidings/server/loop/clock.h"

namespace tidings {

class Channel;

// A channel's place on the shelf, kept in the channel for the shelf.
struct ShelfPlace {
  bool is_taken = false;
  std::list<std::shared_ptr<Channel>>::iterator at;
  std::atomic<Clock::Time> published = {};  // to, the last time
  std::atomic<Clock::Time> touched = {};    // the same as the shelf last heard of it
};

class ChannelShelf {
 public:
  ChannelShelf(std::size_t max_channels, std::chrono::milliseconds max_age, std::shared_ptr<const Clock> clock);

  const Clock& clock() const { return *clock_; }

  // The channel of this name, or what `make(number)` makes, whose first event gets that number; null instead where
  // `max_quiet` channels are held that keep no events.
  template <class Make>
  std::shared_ptr<Channel> find_or_make(std::string_view name, std::size_t max_quiet, Make make) {
    std::string key(name);
    std::shared_ptr<Channel> channel;  // let go, if at all, without the lock
    const std::lock_guard lock(mutex_);
    if (const auto known = names_.find(key); known != names_.end()) channel = known->second.lock();
    if (channel || names_.size() - with_events_.size() - emptied_.size() >= max_quiet) return channel;
    channel = make(floor_);
    names_.insert_or_assign(std::move(key), channel);
    return channel;
  }
  // Its channel is no more.
  void forget(const std::string& name);

  // Lets the channel keep events.
  void keep(const std::shared_ptr<Channel>& channel);
  // Lets go of all channels, which hold the shelf: what somebody holds lives on and keeps its events as it likes.
  void close();
  // The channel was published to. Says so to the shelf when that has not been told for a while.
  void published(Channel& channel, Clock::Time now);

  // Drops events that are too old where nobody has published since, of at most `most` channels; whether there may be
  // more.
  bool expire(std::size_t most);

  std::size_t kept() const;
  std::uint64_t events_published() const { return published_; }

 private:
  using Channels = std::list<std::shared_ptr<Channel>>;

  Channels take_longest_idle();
  void move_to_end(Channels& from, ShelfPlace& place);

  const std::size_t max_channels_;
  const std::chrono::milliseconds max_age_;
  const std::shared_ptr<const Clock> clock_;
  std::atomic<std::uint64_t> published_ = 0;
  mutable std::mutex mutex_;  // taken before a channel's own
  std::unordered_map<std::string, std::weak_ptr<Channel>> names_;
  std::uint64_t floor_ = 1;         // behind every number that a channel that was let go has given out
  Channels with_events_, emptied_;  // the longest idle first
  bool is_closed_ = false;
};

}  // namespace tidings
