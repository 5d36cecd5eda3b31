// The channels of a server by name. What a channel is: channel.h. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/history/history.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class ChannelShelf;

class Hub {
 public:
  // Each takes some hundred bytes of every scrape, and a monitoring system keeps series for each.
  static constexpr std::size_t kMostMeasured = 10'000;

  struct Named {
    std::string channel;  // its name
    Channel::Options options;
  };

  struct Options {
    // Channels that keep events, at least 1. When one more is published to, the one that has been idle the longest is
    // let go, and its events with it.
    std::size_t max_channels = 1000;
    // Channels that are held and keep no events. With so many, channel_to_follow() makes no other: readers may ask for
    // any name, and each of these takes about a KiB.
    std::size_t max_quiet = 100'000;
    // Channels of which channel_figures() tells, at most kMostMeasured.
    std::size_t max_measured = 0;
    Channel::Options channel;
    std::vector<Named> named = {};  // channels with options of their own; the last of a name counts
  };

  // `key` makes the epochs of the ids. It has to be another one in each run of the program; else an id of an earlier
  // run would be taken for one of this run. With a history, the epochs are the history's.
  Hub(Options options, std::shared_ptr<const Clock> clock, std::uint64_t key,
      std::shared_ptr<History> history = nullptr);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // The channel of this name, never null. It may be held for as long as one likes, also after the hub is gone; it keeps
  // events once it is published to. Throws std::invalid_argument with a sentence for a name that no channel can have
  // (channel_rules.h).
  std::shared_ptr<Channel> channel(std::string_view name);
  // The same for a reader, whom nobody has to trust: null where the name is new and max_quiet channels are there, and
  // where as many wait to be opened by the history as may.
  std::shared_ptr<Channel> channel_to_follow(std::string_view name);

  struct Figures {
    std::size_t channels = 0;     // channels that were published to and not let go
    std::uint64_t published = 0;  // events published in all, also to channels that are gone
    bool has_trouble = false;     // what is published can't be kept at the moment
  };
  Figures figures() const;

  // Drops all events that the channel keeps, also those of a history, and makes no channel. Each subscriber is told a
  // gap and goes on with what comes then; ids go on behind those that were given out. Keys of publications are dropped
  // with their events. What is published meanwhile is dropped with them, or comes afterwards. `then` is called once,
  // within the call or by another thread.
  void clear(const std::string& name, History::OnCleared then);

  struct Listed {
    std::string name;
    std::size_t subscribers = 0;                   // streams, and generators that await it
    std::optional<std::string> first = {};         // the id of the first event kept, if there is one
    std::string next;                              // the id that the next event gets
    std::uint64_t bytes = 0;                       // of the events kept, encoded
    std::optional<std::chrono::seconds> age = {};  // of the first of them, rounded down
  };
  struct List {
    std::vector<Listed> channels;
    bool is_more = false;  // behind the last of them
  };
  using OnListed = std::function<void(std::optional<List>)>;
  // Lists the channels that keep events or are held, by subscribers for example, and, with a history, those that it
  // has: in the order of their names' bytes, those behind `after`, at most `most`. `then` is called once, within the
  // call or by another thread; with nothing where the history can't say at the moment.
  void list(const std::string& after, std::size_t most, OnListed then);

  struct ChannelFigures {
    std::string name;
    Channel::Figures figures;
  };
  // Of the first max_measured channels that were published to: each is told of until it is let go, and the next one
  // that is published to for the first time takes its place. What readers have asked for alone is not among them, so
  // that they can't take a place.
  std::vector<ChannelFigures> channel_figures() const;

  // Drops events that are too old from some channels at a time. Returns whether there may be more to drop.
  bool expire();

 private:
  std::shared_ptr<Channel> find_or_make(std::string_view name, std::size_t max_quiet);

  const Options options_;
  const std::uint64_t key_;
  const std::shared_ptr<History> history_;
  const std::shared_ptr<ChannelShelf> shelf_;
};

}  // namespace tidings
