// A subscriber's place in a channel: what it gets next, and what of it is gone. Nothing more is kept of a subscriber.
// One thread at a time; the channel is shared.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/event.h"
#include "server/channel.h"

namespace tidings {

class ChannelCursor {
 public:
  enum class Found {
    kNothing,  // new yet
    kGap,      // events that the subscriber was to get are gone: gap() tells it of them
    kEvents,   // some
    kEnd,      // it has fallen behind in a channel that disconnects those
  };

  // `last_event_id` is what the subscriber says it had of this channel; without one it gets what comes from now on.
  ChannelCursor(std::shared_ptr<Channel> channel, std::optional<std::string_view> last_event_id);

  // Looks for what comes next and steps over it: about `max_bytes` of events, at least one, which `run` gets.
  Found advance(std::size_t max_bytes, EventLog::Run& run);
  // Where the subscriber is told that events are gone.
  Event gap();
  // Steps over the events of a run that begins here.
  void step_over(const EventLog::Run& run) { next_ = run.next; }

  const Channel& channel() const { return *channel_; }
  Channel::Sequence next() const { return next_; }
  bool has_missed() const { return missed_after_ != nullptr; }
  // The id of the last event that it has stepped over, or of where it began.
  std::string id() const { return channel_->id_of(next_ - 1); }

 private:
  std::shared_ptr<Channel> channel_;
  Channel::Sequence next_;
  std::unique_ptr<std::string> missed_after_;  // the id after which events are gone, until the subscriber is told
};

// What a last event ID says of one channel: all of it to a stream of one channel; to a stream of several, what the
// vector `a:E-7,b:E-9` has for it, nothing where it does not name the channel, and all of it where it is no vector.
std::optional<std::string_view> id_for(std::string_view channel, std::optional<std::string_view> last_event_id,
                                       bool is_alone);

// The type of an event of one of several channels: `<channel>` or `<channel>/<type>`.
std::string type_of_several(const Channel& channel, std::string_view type);

}  // namespace tidings
