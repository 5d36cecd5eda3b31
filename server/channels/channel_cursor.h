// A subscriber's place in a channel: the event that it gets next, and, while it has to be told that events before that
// one are gone, the id after which they are, or the run of events that is read from the history for it. Nothing more is
// kept of a subscriber. One thread at a time; the channel is shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tidings/protocol/event.h"
#include "tidings/server/channels/channel.h"

namespace tidings {

class ChannelCursor {
 public:
  enum class Found {
    kNothing,  // no new event yet, or none in memory: the channel's listeners are told when that changes
    kGap,      // events that the subscriber was to get are gone: gap() gives the event that tells it
    kEvents,   // one or more, in the run
    kEnd,      // it has fallen behind in a channel that disconnects whoever does
  };

  // Is nowhere yet.
  explicit ChannelCursor(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
  // Is placed at once, in a channel that is open.
  ChannelCursor(std::shared_ptr<Channel> channel, std::optional<std::string_view> last_event_id)
      : channel_(std::move(channel)) {
    place(last_event_id);
  }

  // For a subscriber that can't be placed yet, since not all of its channels are open: without a last event ID it gets
  // what comes from now on, although it is placed later. Once, before place().
  void come();
  // Once, before anything else but come(), when the channel is open. `last_event_id` is the last that the subscriber
  // had of this channel; without one it gets what comes from now on, or has come since come().
  void place(std::optional<std::string_view> last_event_id);

  // Looks for what comes next. Puts the next events into `run`, about `max_bytes` of them and at least one, and steps
  // over them.
  Found advance(std::size_t max_bytes, EventLog::Run& run);
  // To be called once after kGap: the event that tells the subscriber that events are gone. From then on it counts as
  // told. It has no id: that is the subscriber's place, in this channel or in all that it follows, and the caller adds
  // it.
  Event gap();
  // Whether it is exactly there, with nothing to be told before.
  bool is_at(Channel::Sequence next, const Epoch* epoch) const { return next_ == next && epoch_ == epoch && !behind_; }
  // Steps over the events of a run that begins with next().
  void step_over(const EventLog::Run& run) { next_ = run.next; }

  Channel& channel() const { return *channel_; }
  Channel::Sequence next() const { return next_; }
  // Of the channel, that next() is a place of.
  const Epoch* epoch() const { return epoch_; }
  // Whether it is to be told that events are gone, or gets what is not in memory.
  bool is_behind() const { return behind_ != nullptr; }
  // Whether a run is being read from the history for it: until that is there, it finds nothing.
  bool is_awaiting() const {
    return behind_ && behind_->cold_run && behind_->cold_run->state() == ColdRun::State::kAwaited;
  }
  bool has_missed() const { return behind_ && behind_->missed_after; }
  // The id of the last event that it has stepped over, or of where it began; while a gap is to be told, an id that
  // leads to it again.
  std::string id() const;

 private:
  // What only those have who are behind, so that the others take no memory for it.
  struct Behind {
    std::optional<std::string> missed_after;  // the id after which events are gone, until the subscriber is told
    Channel::Sequence first_kept;             // behind those, where it is not the first that the channel keeps
    std::shared_ptr<const ColdRun> cold_run;  // which has next_, or is awaited for it
  };

  bool read_behind(std::size_t max_bytes, EventLog::Run& run);
  Channel::Sequence hole_end() const;
  Found miss(const Channel::Place& place, Channel::Sequence first_kept);

  // In the place of next_: what the history keeps behind what it has when the channel opens.
  static constexpr Channel::Sequence kFromOpening = ~Channel::Sequence{0};

  std::shared_ptr<Channel> channel_;
  Channel::Sequence next_ = 0;
  const Epoch* epoch_ = nullptr;    // of the channel, that next_ is a place of
  std::unique_ptr<Behind> behind_;  // null for who is where events are in memory
};

}  // namespace tidings
