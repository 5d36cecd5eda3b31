// The channels of a server by name: made on first use, gone when nothing is kept and nobody holds them. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>

#include "server/channel.h"
#include "server/clock.h"

namespace tidings {

class Hub {
 public:
  struct Options {
    std::size_t max_channels = 1000;
    Channel::Options channel;
  };

  // The clock outlives the hub. `seed` makes the epochs: another one for each run.
  Hub(Options options, const Clock& clock, std::uint64_t seed);

  // The channel of that valid name. It stays in the hub for as long as somebody holds it, and while it keeps events.
  // Null when there are max_channels already.
  std::shared_ptr<Channel> channel(std::string_view name);

  struct Figures {
    std::size_t channels = 0;     // held now
    std::uint64_t published = 0;  // events, in all
  };
  Figures figures() const;
  // Drops old events and channels that are no more needed.
  void expire();

 private:
  void expire_locked();
  std::string next_epoch();

  const Options options_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::uint64_t published_to_gone_ = 0;  // to channels that are no more
  std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels_;
};

// What a channel or an event type may be called: 1 to 128 of A-Z a-z 0-9 . _ ~ -
bool is_channel_name(std::string_view name);

}  // namespace tidings
