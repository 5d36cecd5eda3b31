// A subscriber's place in a channel: what it gets next, and what of it is gone. Nothing more is kept of a subscriber.
// One thread at a time; the channel is shared.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/protocol/event.h"
#include "tidings/server/channels/channel.h"

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
  // Where the subscriber is told that events are gone. The event has no id yet: the id is the subscriber's place, in
  // this channel or in all that it follows.
  Event gap();
  // Steps over the events of a run that begins here.
  void step_over(const EventLog::Run& run) { next_ = run.next; }

  Channel& channel() const { return *channel_; }
  Channel::Sequence next() const { return next_; }
  bool has_missed() const { return missed_after_ != nullptr; }
  // The id of the last event that it has stepped over, or of where it began; while a gap is to be told, an id that
  // leads to it again.
  std::string id() const;

 private:
  std::shared_ptr<Channel> channel_;
  Channel::Sequence next_;
  std::unique_ptr<std::string> missed_after_;  // the id after which events are gone, until the subscriber is told
};

}  // namespace tidings
