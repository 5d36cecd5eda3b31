// Channels over HTTP: what is published, which channels a client asks to follow and from where.
// What the answers are is the interface that DESIGN fixes; the README has it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/channel_vector.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"

namespace tidings {

// POST /channels/NAME: publishes the body as one event's data. `request.captures` holds the name. Throws a Refusal.
Answer publish(Hub& hub, const Request& request);
// The same request's head: throws a Refusal where that is enough to tell.
void admit_publication(PublishDoor& door, const Request& head);

// What GET /channels/NAME (captured) or GET /channels?name=A&name=B asks for. Throws a Refusal.
struct AskedChannels {
  std::vector<std::string> names;
  ChannelTypes types = ChannelTypes::kByChannel;  // ?types=plain
};
AskedChannels asked_channels(const Request& request);

}  // namespace tidings
