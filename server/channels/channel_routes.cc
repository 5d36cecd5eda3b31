#include "tidings/server/channels/channel_routes.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/channel_rules.h"

namespace tidings {
namespace {

constexpr std::size_t kMostChannelsAtOnce = 64;
constexpr const char* kNameRule = " must be 1 to 128 of A-Z a-z 0-9 . _ ~ -";

void require_name(std::string_view what, std::string_view name) {
  if (!is_channel_name(name)) throw Refusal(400, std::string(what) + kNameRule);
}

// What the request asks to publish, with as much of the body as there is.
Event event_of(const Request& request) {
  const std::string_view type = request.parameter("event").value_or("");
  if (request.parameter("event")) require_name("event", type);
  return Event(*FieldValue::from(std::string(type)), request.body);
}

}  // namespace

void admit_publication(PublishDoor& door, const Request& head) {
  const std::string& name = head.captures.at(0);
  require_name("A channel's name", name);
  if (const std::string_view reason = reason_not_to_publish(event_of(head)); !reason.empty()) {
    throw Refusal(400, std::string(reason));
  }
  door.admit(head, name);
}

Answer publish(Hub& hub, const Request& request) {
  try {
    const std::string id = hub.channel(request.captures.at(0))->publish(event_of(request));
    return {.content_type = "application/json", .body = nlohmann::json{{"id", id}}.dump() + '\n'};
  } catch (const std::invalid_argument& reason) {
    throw Refusal(400, reason.what());
  }
}

AskedChannels asked_channels(const Request& request) {
  AskedChannels asked{.names = request.captures};
  std::vector<std::string>& names = asked.names;
  for (const auto& [name, value] : request.parameters) {
    if (request.captures.empty() && name == "name" && std::find(names.begin(), names.end(), value) == names.end()) {
      names.push_back(value);
    }
  }
  if (names.empty()) throw Refusal(400, "Name the channels to follow, such as /channels?name=a&name=b.");
  if (names.size() > kMostChannelsAtOnce) throw Refusal(400, "A stream can follow at most 64 channels.");
  for (const std::string& name : names) require_name("A channel's name", name);
  if (!fits_into_an_id(names)) {
    throw Refusal(400,
                  "The names of these channels are too long together for a last event ID that holds the place in each: "
                  "follow fewer at a time, or give them shorter names.");
  }
  if (const auto types = request.parameter("types")) {
    if (*types != "plain") {
      throw Refusal(400, "types must be plain, or left out for types that begin with the channel's name.");
    }
    asked.types = ChannelTypes::kPlain;
  }
  return asked;
}

}  // namespace tidings
