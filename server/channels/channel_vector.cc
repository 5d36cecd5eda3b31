#include "tidings/server/channels/channel_vector.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// How long a query of the channels' names and the id may be, so that a request's target and header fields have room for
// it. Most programs write the id's `:` and `,` as three characters each.
constexpr std::size_t kMostQueryBytes = 7900;
constexpr std::size_t kName = std::string_view("name=&").size();
constexpr std::size_t kPlace = std::string_view("%3Aabcdefgh-18446744073709551615%2C").size();

// The id of each channel in a vector; empty where the id is no vector.
std::map<std::string_view, std::string_view> places_of(std::string_view id) {
  std::map<std::string_view, std::string_view> places;
  const bool is_vector = !any_list_member(id, [&](std::string_view member) {
    const std::size_t colon = member.find(':');
    if (colon != std::string_view::npos) places[member.substr(0, colon)] = member.substr(colon + 1);
    return colon == std::string_view::npos;
  });
  if (!is_vector) places.clear();
  return places;
}

}  // namespace

bool fits_into_an_id(std::span<const std::string> channels) {
  std::size_t bytes = 0;
  for (const std::string& channel : channels) {
    const auto tildes = static_cast<std::size_t>(std::count(channel.begin(), channel.end(), '~'));  // %7E to most
    bytes += kName + kPlace + 2 * (channel.size() + 2 * tildes);
  }
  return channels.size() == 1 || bytes <= kMostQueryBytes;
}

std::vector<std::optional<std::string_view>> ids_for(std::span<const std::shared_ptr<Channel>> channels,
                                                     std::optional<std::string_view> last_event_id) {
  std::vector<std::optional<std::string_view>> ids(channels.size());
  if (!last_event_id || last_event_id->empty()) return ids;
  const std::map<std::string_view, std::string_view> places = places_of(*last_event_id);
  bool is_ours = false;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (const auto place = places.find(channels[i]->name()); place != places.end()) {
      if (!place->second.empty()) ids[i] = place->second;
    } else if (places.empty() && channels[i]->is_own_id(*last_event_id)) {
      ids[i] = last_event_id;
    }
    is_ours = is_ours || ids[i];
  }
  if (!is_ours) std::fill(ids.begin(), ids.end(), last_event_id);
  return ids;
}

std::optional<bool> place_all(std::span<ChannelCursor* const> cursors, std::optional<std::string_view> last_event_id) {
  std::vector<std::shared_ptr<Channel>> channels;
  for (const ChannelCursor* cursor : cursors) {
    if (!cursor->channel().is_open()) return std::nullopt;
    channels.push_back(cursor->channel().shared_from_this());
  }
  const std::vector<std::optional<std::string_view>> ids = ids_for(channels, last_event_id);
  for (std::size_t i = 0; i < cursors.size(); ++i) cursors[i]->place(ids[i]);
  return std::find(ids.begin(), ids.end(), std::nullopt) == ids.end();
}

void append_to_vector(const ChannelCursor& cursor, std::string& vector) {
  if (!vector.empty()) vector += ',';
  vector.append(cursor.channel().name()).append(":").append(cursor.id());
}

std::string type_of_several(std::string_view channel, std::string_view type) {
  if (type.empty() && is_reserved_type(channel)) type = "message";
  std::string both(channel);
  if (!type.empty()) both.append("/").append(type);
  return both;
}

}  // namespace tidings
