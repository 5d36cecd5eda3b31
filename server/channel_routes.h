// Channels over HTTP: what is published, which channels a client asks to follow and from where.
// What the answers are is the interface that DESIGN fixes; the README has it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/answer.h"
#include "server/channel_vector.h"
#include "server/hub.h"
#include "server/publish_access.h"
#include "server/request.h"

namespace tidings {

// POST /channels/NAME: publishes the body as one event's data. `request.captures` holds the name. Throws a Refusal.
Answer publish(Hub& hub, PublishDoor& door, const Request& request);

// What GET /channels/NAME (captured) or GET /channels?name=A&name=B asks for. Throws a Refusal.
struct AskedChannels {
  std::vector<std::string> names;
  ChannelTypes types = ChannelTypes::kByChannel;  // ?types=plain
};
AskedChannels asked_channels(const Request& request);

}  // namespace tidings
