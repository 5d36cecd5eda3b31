// The ids and the types of a stream that follows several channels at once. An id is the vector of the client's places
// in all channels, `a:E-7,b:E-9`; a type is `<channel>` or `<channel>/<type>`. Pure functions: any thread.
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

// Whether every id of a stream of these channels is short enough to come back whole, both as a header field and as a
// parameter of the query, behind the channels' names.
bool fits_into_an_id(std::span<const std::string> channels);

// What a last event ID says of each channel of a stream, in the order of the channels. A vector has an id for each of
// its channels; an id of one channel is for that one alone. Empty for a channel of which it says nothing: the client
// has not followed that one. An id that says nothing of any of them is given for each, so that each tells the client a
// gap.
std::vector<std::optional<std::string_view>> ids_for(std::span<const std::shared_ptr<Channel>> channels,
                                                     std::optional<std::string_view> last_event_id);

// Places a stream's cursors behind its client's last event ID, once all of their channels are open; until then it does
// nothing and gives nothing. Whether the client knows its place in each: one that does not is to be told `begin`.
std::optional<bool> place_all(std::span<ChannelCursor* const> cursors, std::optional<std::string_view> last_event_id);

// Appends the cursor's channel and id to a vector.
void append_to_vector(const ChannelCursor& cursor, std::string& vector);

// The event that a client without a last event ID gets before any other. The caller adds the id, which is the client's
// place.
inline Event begin_event() { return Event("begin", "{}"); }

// The type that an event of one of several channels gets; `type` is the event's own, or empty. A channel may be called
// like a reserved type (channel_rules.h): then an event without a type gets `<channel>/message`.
std::string type_of_several(std::string_view channel, std::string_view type);

}  // namespace tidings
