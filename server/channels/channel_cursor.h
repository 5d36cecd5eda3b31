// A subscriber's place in a channel: the event that it gets next, and, while it has to be told that events before that
// one are gone, the id after which they are. Nothing more is kept of a subscriber. One thread at a time; the channel is
// shared.
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
    kNothing,  // no new event yet
    kGap,      // events that the subscriber was to get are gone: gap() gives the event that tells it
    kEvents,   // one or more, in the run
    kEnd,      // it has fallen behind in a channel that disconnects whoever does
  };

  // `last_event_id` is the last that the subscriber had of this channel; without one it gets what comes from now on.
  ChannelCursor(std::shared_ptr<Channel> channel, std::optional<std::string_view> last_event_id);

  // Looks for what comes next. Puts the next events into `run`, about `max_bytes` of them and at least one, and steps
  // over them.
  Found advance(std::size_t max_bytes, EventLog::Run& run);
  // To be called once after kGap: the event that tells the subscriber that events are gone. From then on it counts as
  // told. It has no id: that is the subscriber's place, in this channel or in all that it follows, and the caller adds
  // it.
  Event gap();
  // Steps over the events of a run that begins with next().
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
