#include "server/subscription.h"

#include <utility>

#include "protocol/parser.h"

namespace tidings {

Subscription::Subscription(std::shared_ptr<Channel> channel, Timers& timers,
                           std::optional<std::string_view> last_event_id)
    : Subscription(std::vector<std::shared_ptr<Channel>>{std::move(channel)}, timers, last_event_id) {}

Subscription::Subscription(std::vector<std::shared_ptr<Channel>> channels, Timers& timers,
                           std::optional<std::string_view> last_event_id)
    : timers_(timers), link_(std::make_shared<Link>(Link{this})), channels_(std::move(channels)) {
  for (const std::shared_ptr<Channel>& channel : channels_) {
    cursors_.emplace_back(channel, id_for(channel->name(), last_event_id, channels_.size() == 1));
    channel->follow(*this);
  }
}

Subscription::~Subscription() {
  for (const std::shared_ptr<Channel>& channel : channels_) channel->unfollow(*this);
  link_->subscription = nullptr;
}

void Subscription::wake() {
  if (is_woken_.exchange(true)) return;
  timers_.post([link = link_] {
    if (link->subscription) link->subscription->woken();
  });
}

void Subscription::woken() {
  is_woken_ = false;  // before looking: what is published from now on wakes again
  if (waiter_ && look()) std::exchange(waiter_, nullptr).resume();
}

// Whether next() has something to give: an event, or the end.
bool Subscription::look() {
  for (std::size_t i = 0; i < cursors_.size() && !has_ended_; ++i) {
    turn_ = (turn_ + 1) % cursors_.size();
    if (look(cursors_[turn_])) return true;
  }
  return has_ended_;
}

bool Subscription::look(ChannelCursor& cursor) {
  EventLog::Run run;
  switch (cursor.advance(1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: found_ = cursor.gap(); return true;
    case ChannelCursor::Found::kEvents: found_ = event_of(cursor, run.bytes); return true;
    case ChannelCursor::Found::kEnd: has_ended_ = true; return true;
  }
  return false;
}

Event Subscription::event_of(const ChannelCursor& cursor, std::string_view encoded) const {
  std::string type, data, id;
  Parser({.max_line_bytes = encoded.size(), .max_data_bytes = encoded.size()})
      .feed(encoded, [&](const ParsedEvent& event) {
        if (event.type != "message") type = event.type;
        data = event.data;
        id = event.last_event_id;
      });
  if (cursors_.size() > 1) {
    type = type_of_several(cursor.channel(), type);
    id.clear();
    for (const ChannelCursor& each : cursors_) {
      id.append(id.empty() ? "" : ",").append(each.channel().name()).append(":").append(each.id());
    }
  }
  // They were valid when they were published.
  return Event(*FieldValue::from(std::move(type)), std::move(data)).with_id(*FieldValue::from(std::move(id)));
}

}  // namespace tidings
