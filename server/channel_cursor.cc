#include "server/channel_cursor.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "server/text.h"

namespace tidings {

ChannelCursor::ChannelCursor(std::shared_ptr<Channel> channel, std::optional<std::string_view> last_event_id)
    : channel_(std::move(channel)) {
  const Channel::Place place = channel_->place_after(last_event_id);
  next_ = place.next;
  if (place.has_missed) missed_after_ = std::make_unique<std::string>(*last_event_id);
}

ChannelCursor::Found ChannelCursor::advance(std::size_t max_bytes, EventLog::Run& run) {
  if (has_missed()) return Found::kGap;
  const Channel::Sequence from = next_;
  run = channel_->read(from, max_bytes);
  if (!run.bytes.empty()) {
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

Event ChannelCursor::gap() {
  const std::unique_ptr<std::string> asked = std::move(missed_after_);
  const nlohmann::ordered_json data{
      {"channel", channel_->name()}, {"asked", *asked}, {"first", channel_->id_of(channel_->first())}};
  return Event("gap", data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::optional<std::string_view> id_for(std::string_view channel, std::optional<std::string_view> last_event_id,
                                       bool is_alone) {
  if (!last_event_id || is_alone) return last_event_id;
  std::optional<std::string_view> found;
  bool is_vector = true;
  any_list_member(*last_event_id, [&](std::string_view member) {
    const std::size_t colon = member.find(':');
    is_vector = is_vector && colon != std::string_view::npos;
    if (is_vector && member.substr(0, colon) == channel) found = member.substr(colon + 1);
    return false;
  });
  return is_vector ? found : last_event_id;
}

std::string type_of_several(const Channel& channel, std::string_view type) {
  std::string both = channel.name();
  if (!type.empty()) both.append("/").append(type);
  return both;
}

}  // namespace tidings
