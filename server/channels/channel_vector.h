// The last event ID and the types of a stream that follows several channels at once: the id is the vector of all
// places, `a:E-7,b:E-9`, the type `<channel>` or `<channel>/<type>`. Pure functions: any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/protocol/event.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/channel_cursor.h"

namespace tidings {

// The types that a stream of several channels gives its events.
enum class ChannelTypes : unsigned char {
  kByChannel,  // `<channel>` or `<channel>/<type>`
  kPlain,      // the event's own, for clients that listen to `message` alone
};

// Whether any id of a stream of these channels comes back whole, as a header field and as a parameter of the query
// behind the channels' names.
bool fits_into_an_id(std::span<const std::string> channels);

// What a last event ID says of each channel of a stream, in their order. Of a vector, what it has for the channel; an
// id of one channel counts for that channel alone. Empty for a channel of which it says nothing: the client has not
// followed it. An id that is none of the stream's counts for each of its channels, so that each tells its gap.
std::vector<std::optional<std::string_view>> ids_for(std::span<const std::shared_ptr<Channel>> channels,
                                                     std::optional<std::string_view> last_event_id);

void append_to_vector(const ChannelCursor& cursor, std::string& vector);

// What tells a client where it begins, without the id that does.
inline Event begin_event() { return Event("begin", "{}"); }

// The type of an event of this type, or of none, of one of several channels. Where the channel is called like an event
// of the server's own, that of an event without a type is `<channel>/message`.
std::string type_of_several(std::string_view channel, std::string_view type);

}  // namespace tidings
