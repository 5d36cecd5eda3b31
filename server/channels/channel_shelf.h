// Which channels keep events: those that were published to, at most `max_channels`. When one more is published to, the
// one that was published to the longest time ago is let go, and its events with it.
//
//   published to ──► with events ──too old──► emptied ──full house──► let go
//
// Readers put nothing here: a channel that nobody has published to lives as long as somebody holds it. No id is given
// out twice, although nothing is kept of a channel that was let go: a channel that is made later begins behind every
// sequence number that such a channel has given out. Each call takes the same time however many channels there are. Any
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tidings/server/loop/clock.h"
#include "tidings/server/loop/roster.h"

namespace tidings {

class Channel;

// A channel's place on the shelf, kept in the channel for the shelf.
struct ShelfPlace {
  bool is_taken = false;
  bool is_measured = false;
  std::size_t index = 0;  // among those that are measured
  std::list<std::shared_ptr<Channel>>::iterator at;
  std::atomic<Clock::Time> published = {};  // when the channel was last published to
  std::atomic<Clock::Time> touched = {};    // the same, as the shelf last heard of it
};

class ChannelShelf {
 public:
  // At most `max_measured` channels are measured.
  ChannelShelf(std::size_t max_channels, std::chrono::milliseconds max_age, std::shared_ptr<const Clock> clock,
               std::size_t max_measured = 0);

  const Clock& clock() const { return *clock_; }

  // The channel of this name; where there is none, the one that `make(first)` makes, whose first event gets the
  // sequence number `first`. Null instead of a new one where `max_quiet` channels are held that keep no events.
  template <class Make>
  std::shared_ptr<Channel> find_or_make(std::string_view name, std::size_t max_quiet, Make make) {
    std::string key(name);
    std::shared_ptr<Channel> channel;  // before the lock, which a channel takes when it is destroyed
    const std::lock_guard lock(mutex_);
    if (const auto known = names_.find(key); known != names_.end()) channel = known->second.lock();
    if (channel || names_.size() - with_events_.size() - emptied_.size() >= max_quiet) return channel;
    channel = make(floor_);
    sorted_.insert(names_.insert_or_assign(std::move(key), channel).first->first);
    return channel;
  }
  // The channel of this name, if there is one.
  std::shared_ptr<Channel> find(std::string_view name) const;
  // The channels that there are, in the order of their names' bytes: those behind `after`, at most `most`.
  std::vector<std::shared_ptr<Channel>> behind(std::string_view after, std::size_t most) const;
  // The channel of this name is being destroyed.
  void forget(const std::string& name);

  // Lets the channel keep events; where there are too many such channels then, lets one go.
  void keep(const std::shared_ptr<Channel>& channel);
  // Lets go of all channels, since they hold the shelf. One that somebody else holds lives on, and goes on keeping
  // events.
  void close();
  // The channel was published to. Takes the lock only when the last time that it did so for this channel is a while
  // ago.
  void published(Channel& channel, Clock::Time now);

  // Drops the events that are too old from at most `most` channels to which nobody has published for max_age. Returns
  // whether there may be more such channels.
  bool expire(std::size_t most);

  // How many runs are being read from the history, or are followed.
  const std::shared_ptr<std::atomic<std::size_t>>& cold_runs() const { return cold_runs_; }

  std::size_t kept() const;
  // Those channels of which somebody wants figures: the first that keep events. Each stays one of them until it is let
  // go; then the next that begins to keep events takes its place. So the same ones are measured from one time to the
  // next.
  std::vector<std::shared_ptr<Channel>> measured() const;
  std::uint64_t events_published() const { return published_; }

 private:
  using Channels = std::list<std::shared_ptr<Channel>>;

  Channels take_longest_idle();
  void measure(ShelfPlace& place);
  void measure_no_more(ShelfPlace& place);
  void move_to_end(Channels& from, ShelfPlace& place);

  const std::size_t max_channels_;
  const std::size_t max_measured_;
  const std::chrono::milliseconds max_age_;
  const std::shared_ptr<const Clock> clock_;
  std::atomic<std::uint64_t> published_ = 0;
  const std::shared_ptr<std::atomic<std::size_t>> cold_runs_ = std::make_shared<std::atomic<std::size_t>>(0);
  mutable std::mutex mutex_;  // taken before a channel's own
  std::unordered_map<std::string, std::weak_ptr<Channel>> names_;
  std::set<std::string_view> sorted_;  // the same names, where they lie there
  std::uint64_t floor_ = 1;            // above every sequence number of a channel that was let go
  Channels with_events_, emptied_;     // the one that was published to the longest time ago comes first
  Roster<ShelfPlace, &ShelfPlace::index> measured_;
  bool is_closed_ = false;
};

}  // namespace tidings
