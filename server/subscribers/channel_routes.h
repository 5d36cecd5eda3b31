// Channels over HTTP: what a request publishes, and which channels it asks to follow. The requests and their answers
// are those of README.md, section "What the server answers". Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/http/reply.h"
#include "tidings/server/http/request.h"

namespace tidings {

// POST /channels/NAME: publishes the body as one event's data, once for each Idempotency-Key where the request has one.
// `request.captures` holds the name. Answers when the event is kept, with its id, or is known not to be (503; 422 for a
// key that came with another body or type before). Throws a Refusal (400) for a name, a key, a parameter or an event
// that is none. Source of the key: the HTTP working group's draft "The Idempotency-Key HTTP Header Field"; it is taken
// with and without quotes.
void publish(Hub& hub, const Request& request, Reply reply);
// Before the body of such a request is read: throws a Refusal (400, 401, 403 or 429) where the head is enough for one.
void admit_publication(PublishDoor& door, const Request& head);

// What GET /channels/NAME (captured) or GET /channels?name=A&name=B asks for: 1 to 64 names, each once.
struct AskedChannels {
  std::vector<std::string> names;
  ChannelTypes types = ChannelTypes::kByChannel;  // ?types=plain
};
// Throws a Refusal (400) for a request that asks for something else.
AskedChannels asked_channels(const Request& request);

}  // namespace tidings
