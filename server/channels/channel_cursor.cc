#include "tidings/server/channels/channel_cursor.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// How much is kept of an id that is none of the channel's: a client may send anything.
constexpr std::size_t kMostAskedBytes = 128;

// Stands for an id that can't stand in a vector. It is no channel's id, so it leads to a gap as that one did.
constexpr std::string_view kUnknownId = "?";

bool is_plain(std::string_view id) {
  return !id.empty() && id.size() <= std::string_view("abcdefgh-18446744073709551615").size() &&
         std::all_of(id.begin(), id.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

}  // namespace

ChannelCursor::ChannelCursor(std::shared_ptr<Channel> channel, std::optional<std::string_view> last_event_id)
    : channel_(std::move(channel)) {
  const Channel::Place place = channel_->place_after(last_event_id);
  next_ = place.next;
  if (place.has_missed) missed_after_ = std::make_unique<std::string>(last_event_id->substr(0, kMostAskedBytes));
}

ChannelCursor::Found ChannelCursor::advance(std::size_t max_bytes, EventLog::Run& run) {
  if (has_missed()) return Found::kGap;
  const Channel::Sequence from = next_;
  run = channel_->read(from, max_bytes);
  if (!run.is_empty()) {
    next_ = run.next;
    return Found::kEvents;
  }
  const Channel::Place place = channel_->place_of(from);
  if (!place.has_missed) return Found::kNothing;
  if (channel_->fallen_behind() == FallenBehind::kDisconnect) return Found::kEnd;
  missed_after_ = std::make_unique<std::string>(channel_->id_of(from - 1));
  next_ = place.next;
  return Found::kGap;
}

std::string ChannelCursor::id() const {
  if (!has_missed()) return channel_->id_of(next_ - 1);
  return is_plain(*missed_after_) ? *missed_after_ : std::string(kUnknownId);
}

Event ChannelCursor::gap() {
  const std::unique_ptr<std::string> asked = std::move(missed_after_);
  const nlohmann::ordered_json data{
      {"channel", channel_->name()}, {"asked", *asked}, {"first", channel_->id_of(channel_->first())}};
  return Event("gap", data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace tidings
