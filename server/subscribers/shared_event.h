// The bytes of the last event that a stream of several channels was sent. Its id is the vector of the stream's places,
// so it is each stream's own; but most streams of a loop that follow the same channels are in the same places, and get
// these bytes again instead of ids that are built anew. Loop thread only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_vector.h"

namespace tidings {

class Broadcaster;
struct Subscriber;

class SharedEvent {
 public:
  // What an event's bytes depend on beside the places of its stream's subscribers, which have stepped over it.
  struct Form {
    const Channel* channel;  // of the event
    ChannelTypes types;
    bool is_chunked;

    bool operator==(const Form&) const = default;
  };

  // The bytes, for a stream with these subscribers; empty where they were of another event, form or place.
  std::string_view find(std::span<const Subscriber> subscribers, const Form& form) const;
  // Keeps them for the next; not where one of the subscribers is behind what is in memory.
  void keep(std::span<const Subscriber> subscribers, const Form& form, std::string_view bytes);
  // To be called before a broadcaster, or its channel, is gone: another may get its address.
  void forget() { bytes_.clear(); }

 private:
  struct Place {
    const Broadcaster* broadcaster;
    const Epoch* epoch;
    Channel::Sequence next;
  };

  std::string bytes_;  // none: there are no such bytes
  Form form_{};
  std::vector<Place> places_;
};

}  // namespace tidings
