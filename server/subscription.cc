#include "server/subscription.h"

#include <utility>

#include "protocol/parser.h"

namespace tidings {

Subscription::Follower::Follower(Subscription& subscription, std::shared_ptr<Channel> channel,
                                 std::optional<std::string_view> id)
    : subscription_(subscription), cursor_(std::move(channel), id) {
  cursor_.channel().listen(*this, subscription_.timers_);
}

Subscription::Follower::~Follower() { cursor_.channel().stop_listening(*this, subscription_.timers_); }

Subscription::Subscription(const Channels& channels, Timers& timers, ChannelTypes types)
    : timers_(timers), types_(types) {
  follow(channels, std::nullopt);
}

Subscription::Subscription(const Channels& channels, Timers& timers, std::optional<std::string_view> last_event_id,
                           ChannelTypes types)
    : timers_(timers), types_(types), has_begun_(last_event_id && !last_event_id->empty()) {
  follow(channels, last_event_id);
}

Subscription::Subscription(std::shared_ptr<Channel> channel, Timers& timers)
    : Subscription(Channels{std::move(channel)}, timers) {}

Subscription::Subscription(std::shared_ptr<Channel> channel, Timers& timers,
                           std::optional<std::string_view> last_event_id)
    : Subscription(Channels{std::move(channel)}, timers, last_event_id) {}

void Subscription::follow(const Channels& channels, std::optional<std::string_view> last_event_id) {
  for (const std::shared_ptr<Channel>& channel : channels) {
    followers_.emplace_back(*this, channel, id_for(*channel, last_event_id, channels));
  }
}

Subscription::~Subscription() = default;

void Subscription::woken() {
  if (waiter_ && look()) std::exchange(waiter_, nullptr).resume();
}

// Whether next() has something to give: an event, or the end.
bool Subscription::look() {
  if (!std::exchange(has_begun_, true)) {
    found_ = Event("begin", "{}").with_id(id());
    return true;
  }
  for (std::size_t i = 0; i < followers_.size() && !has_ended_; ++i) {
    turn_ = (turn_ + 1) % followers_.size();
    if (look(followers_[turn_].cursor())) return true;
  }
  return has_ended_;
}

bool Subscription::look(ChannelCursor& cursor) {
  EventLog::Run run;
  switch (cursor.advance(1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: found_ = cursor.gap().with_id(id()); return true;
    case ChannelCursor::Found::kEvents: found_ = event_of(cursor, run); return true;
    case ChannelCursor::Found::kEnd: has_ended_ = true; return true;
  }
  return false;
}

Event Subscription::event_of(const ChannelCursor& cursor, const EventLog::Run& run) const {
  std::string type, data;
  Parser parser({.max_line_bytes = run.block.size(), .max_data_bytes = run.block.size()});
  parser.feed(run.block, [&](const ParsedEvent& event) {
    if (event.type != "message") type = event.type;
    data = event.data;
  });
  if (followers_.size() > 1 && types_ == ChannelTypes::kByChannel) {
    type = type_of_several(cursor.channel().name(), type);
  }
  // It was valid when it was published.
  Event event = Event(*FieldValue::from(std::move(type)), std::move(data)).with_id(id());
  if (!parser.reconnection_time()) return event;
  return std::move(event).with_reconnection_time(*parser.reconnection_time());
}

// Of where it is now: the channel's own, or the vector of all of them.
FieldValue Subscription::id() const {
  std::string id;
  if (followers_.size() == 1) {
    id = followers_.front().cursor().id();
  } else {
    for (const Follower& each : followers_) append_to_vector(each.cursor(), id);
  }
  return *FieldValue::from(std::move(id));
}

}  // namespace tidings
