#include "server/channel_vector.h"

#include <algorithm>
#include <memory>

#include "server/channel_rules.h"
#include "server/text.h"

namespace tidings {
namespace {

// What is left of a request's longest target, and of its longest header field, for a query made of the names and of the
// id, whose `:` and `,` most programs write as three characters.
constexpr std::size_t kMostQueryBytes = 7900;
constexpr std::size_t kName = std::string_view("name=&").size();
constexpr std::size_t kPlace = std::string_view("%3Aabcdefgh-18446744073709551615%2C").size();

}  // namespace

bool fits_into_an_id(std::span<const std::string> channels) {
  std::size_t bytes = 0;
  for (const std::string& channel : channels) bytes += kName + channel.size() + channel.size() + kPlace;
  return channels.size() == 1 || bytes <= kMostQueryBytes;
}

std::optional<std::string_view> id_for(const Channel& channel, std::optional<std::string_view> last_event_id,
                                       std::span<const std::shared_ptr<Channel>> channels) {
  if (!last_event_id || last_event_id->empty() || channels.size() == 1) return last_event_id;
  std::optional<std::string_view> found;
  const bool is_vector = !any_list_member(*last_event_id, [&](std::string_view member) {
    const std::size_t colon = member.find(':');
    if (colon == std::string_view::npos) return true;
    if (member.substr(0, colon) == channel.name()) found = member.substr(colon + 1);
    return false;
  });
  if (is_vector) return found;
  const bool is_of_one = std::any_of(channels.begin(), channels.end(), [&](const std::shared_ptr<Channel>& each) {
    return each->is_own_id(*last_event_id);
  });
  if (is_of_one && !channel.is_own_id(*last_event_id)) return std::nullopt;
  return last_event_id;
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
