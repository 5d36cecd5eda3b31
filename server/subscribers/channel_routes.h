// Channels over HTTP: what a request publishes, and which channels it asks to follow. The requests and their answers
// are those of README.md, section "What the server answers". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/http/admission.h"
#include "tidings/server/http/known_parameters.h"
#include "tidings/server/http/reply.h"
#include "tidings/server/http/request.h"

namespace tidings {

// POST /channels/NAME: publishes the body as one event's data, once for each Idempotency-Key where the request has one.
// `request.captures` holds the name. Answers when the event is kept, with its id, or is known not to be (503; 422 for a
// key that came with another body or type before). Throws a Refusal (400) for a name, a key, a parameter or an event
// that is none. Source of the key: the HTTP working group's draft "The Idempotency-Key HTTP Header Field"; it is taken
// with and without quotes.
void publish(Hub& hub, const Request& request, Reply reply);
// Who may: whoever has the token or a grant, and everybody where the channel is open. What it is given outlives it.
AnyAdmission admission_to_publish(PublishDoor& door, const ChannelAuthorizers& authorizers);

// What GET /channels/NAME (captured) or GET /channels?name=A&name=B asks for: 1 to 64 names, each once.
struct AskedChannels {
  std::vector<std::string> names;
  ChannelTypes types = ChannelTypes::kByChannel;  // ?types=plain
};
// Throws a Refusal (400) for a request that asks for something else; of the `others` it may ask what it likes.
AskedChannels asked_channels(const Request& request, const OtherParameters& others = {});
// Throws a Refusal (400) unless `name` is one that `what`, such as a channel's name, can be.
void require_name(std::string_view what, std::string_view name);
// Who may: everybody, or whoever has a grant for each of them. What it is given outlives it.
AnyAdmission admission_to_read(const ChannelAuthorizers& authorizers);

}  // namespace tidings
