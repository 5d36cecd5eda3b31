// Channels over HTTP: who may publish and what, which channels a client asks to follow and from where.
// What the answers are is the interface that DESIGN fixes; the README has it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/answer.h"
#include "server/channel_vector.h"
#include "server/hub.h"
#include "server/request.h"

namespace tidings {

struct PublishAccess {
  // A bearer token that allows publishing from anywhere. Without one only programs of this machine may: neither another
  // web page nor a proxy opens it by accident.
  std::optional<std::string> token;
};

// Throws a Refusal, 401 or 403, unless the request may publish.
void require_publish_access(const Request& request, const PublishAccess& access);

// POST /channels/NAME: publishes the body as one event's data. `request.captures` holds the name.
Answer publish(Hub& hub, const PublishAccess& access, const Request& request);

// What GET /channels/NAME (captured) or GET /channels?name=A&name=B asks for. Throws a Refusal.
struct AskedChannels {
  std::vector<std::string> names;
  ChannelTypes types = ChannelTypes::kByChannel;  // ?types=plain
};
AskedChannels asked_channels(const Request& request);

}  // namespace tidings
