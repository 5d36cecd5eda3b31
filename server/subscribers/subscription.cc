#include "tidings/server/subscribers/subscription.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/parser.h"

namespace tidings {
namespace {

// What an event says, decoded from its block.
struct Decoded {
  std::weak_ptr<const void> pin;
  const char* block = nullptr;
  std::string data;
  std::optional<std::chrono::milliseconds> reconnection_time;

  bool is_of(const EventLog::Run& run) const {
    return block == run.block.data() && !pin.owner_before(run.pin) && !run.pin.owner_before(pin);
  }
};

// When an event is published, all subscriptions of a loop that follow its channel ask for it in a row, so the last one
// is kept decoded. A block's bytes never change while there is a pin for them.
const Decoded& decoded(const EventLog::Run& run) {
  thread_local Decoded last;
  if (last.is_of(run)) return last;
  last.block = nullptr;  // until all of it is there
  Parser parser({.max_line_bytes = run.block.size(), .max_data_bytes = run.block.size()});
  parser.feed(run.block, [](const ParsedEvent& event) { last.data = event.data; });
  last.reconnection_time = parser.reconnection_time();
  last.pin = run.pin;
  last.block = run.block.data();
  return last;
}

}  // namespace

bool is_of(const Event& event, std::string_view channel) {
  const std::string_view type = event.type();
  return type.starts_with(channel) && (type.size() == channel.size() || type[channel.size()] == '/');
}

Subscription::Follower::Follower(Subscription& subscription, std::shared_ptr<Channel> channel)
    : subscription_(subscription), cursor_(std::move(channel)) {
  cursor_.channel().listen(*this, subscription_.loop_);
  cursor_.channel().add_subscriber();
}

Subscription::Follower::~Follower() {
  cursor_.channel().remove_subscriber();
  cursor_.channel().stop_listening(*this, subscription_.loop_);
}

Subscription::Subscription(const Channels& channels, Loop& loop, ChannelTypes types)
    : loop_(loop), types_(types), tells_begin_(false) {
  follow(channels);
}

Subscription::Subscription(const Channels& channels, Loop& loop, std::optional<std::string_view> last_event_id,
                           ChannelTypes types)
    : loop_(loop), types_(types), tells_begin_(true) {
  if (last_event_id) last_event_id_ = std::make_unique<const std::string>(*last_event_id);
  follow(channels);
}

Subscription::Subscription(std::shared_ptr<Channel> channel, Loop& loop)
    : Subscription(Channels{std::move(channel)}, loop) {}

Subscription::Subscription(std::shared_ptr<Channel> channel, Loop& loop, std::optional<std::string_view> last_event_id)
    : Subscription(Channels{std::move(channel)}, loop, last_event_id) {}

void Subscription::follow(const Channels& channels) {
  if (channels.empty() || std::find(channels.begin(), channels.end(), nullptr) != channels.end()) {
    throw std::invalid_argument(
        "A Subscription follows one channel or more, and none of them null: hub.channel(\"news\") gives one.");
  }
  followers_.reserve(channels.size());
  for (const std::shared_ptr<Channel>& channel : channels) {
    followers_.push_back(std::make_unique<Follower>(*this, channel));
  }
  if (place()) return;
  for (const auto& each : followers_) each->cursor().come();
}

// Whether it has its places.
bool Subscription::place() {
  if (is_placed_) return true;
  std::vector<ChannelCursor*> cursors;
  for (const auto& each : followers_) cursors.push_back(&each->cursor());
  const std::optional<bool> knows_its_place =
      place_all(cursors, last_event_id_ ? std::optional<std::string_view>(*last_event_id_) : std::nullopt);
  if (!knows_its_place) return false;
  has_begun_ = !tells_begin_ || *knows_its_place;
  last_event_id_ = nullptr;
  return is_placed_ = true;
}

Subscription::~Subscription() = default;

void Subscription::woken() {
  if (waiter_ && look()) std::exchange(waiter_, nullptr).resume();
}

// Whether next() has something to give: an event, or the end.
bool Subscription::look() {
  if (!place()) return false;
  if (!std::exchange(has_begun_, true)) {
    found_ = std::make_unique<Event>(begin_event().with_id(id()));
    return true;
  }
  for (std::size_t i = 0; i < followers_.size() && !is_cut_off_; ++i) {
    turn_ = (turn_ + 1) % followers_.size();
    if (look(followers_[turn_]->cursor())) return true;
  }
  return is_cut_off_;
}

bool Subscription::look(ChannelCursor& cursor) {
  EventLog::Run run;
  switch (cursor.advance(1, run)) {
    case ChannelCursor::Found::kNothing: return false;
    case ChannelCursor::Found::kGap: found_ = std::make_unique<Event>(cursor.gap().with_id(id())); return true;
    case ChannelCursor::Found::kEvents: found_ = std::make_unique<Event>(event_of(cursor, run)); return true;
    case ChannelCursor::Found::kEnd: is_cut_off_ = true; return true;
  }
  return false;
}

std::optional<Event> Subscription::take() {
  if (is_cut_off_) throw CutOff();
  const std::unique_ptr<Event> found = std::move(found_);
  return std::move(*found);
}

Event Subscription::event_of(const ChannelCursor& cursor, const EventLog::Run& run) const {
  const Decoded& content = decoded(run);
  std::string type(run.type());
  if (followers_.size() > 1 && types_ == ChannelTypes::kByChannel) {
    type = type_of_several(cursor.channel().name(), type);
  }
  // It was valid when it was published.
  Event event = Event(*FieldValue::from(std::move(type)), content.data).with_id(id());
  if (!content.reconnection_time) return event;
  return std::move(event).with_reconnection_time(*content.reconnection_time);
}

// The id of where it is now: the channel's own, or the vector of all of them.
FieldValue Subscription::id() const {
  std::string id;
  if (followers_.size() == 1) {
    id = followers_.front()->cursor().id();
  } else {
    for (const auto& each : followers_) append_to_vector(each->cursor(), id);
  }
  return *FieldValue::from(std::move(id));
}

}  // namespace tidings
