// The channels of a server by name. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tidings/server/channels/channel.h"
#include "tidings/server/loop/clock.h"

namespace tidings {

class ChannelShelf;

class Hub {
 public:
  struct Options {
    std::size_t max_channels = 1000;  // that keep events; one more lets the one go that has been idle the longest
    // That are held and keep no events; then channel_to_follow() makes no other. Readers may ask for any name, and each
    // is about a KiB.
    std::size_t max_quiet = 100'000;
    Channel::Options channel;
  };

  // `key` makes the epochs of the ids: another one for each run of the program, or an id of an earlier one would be
  // taken for this one's.
  Hub(Options options, std::shared_ptr<const Clock> clock, std::uint64_t key);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // The channel of this name, never null. It may be held for as long as one likes, also when the hub is gone; it keeps
  // events when it is published to. Throws std::invalid_argument with a sentence for a name that none can have
  // (channel_rules.h).
  std::shared_ptr<Channel> channel(std::string_view name);
  // The same for a reader, who need not be known: null where the name is a new one and max_quiet are there.
  std::shared_ptr<Channel> channel_to_follow(std::string_view name);

  struct Figures {
    std::size_t channels = 0;     // that were published to and not let go
    std::uint64_t published = 0;  // events, in all
  };
  Figures figures() const;

  // Drops events that are too old, of some channels at a time; whether there may be more.
  bool expire();

 private:
  std::shared_ptr<Channel> channel(std::string_view name, std::size_t max_quiet);

  const Options options_;
  const std::uint64_t key_;
  const std::shared_ptr<ChannelShelf> shelf_;
};

}  // namespace tidings
