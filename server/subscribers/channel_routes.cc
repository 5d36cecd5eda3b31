#include "tidings/server/subscribers/channel_routes.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/http/known_parameters.h"

namespace tidings {
namespace {

constexpr std::size_t kMostChannelsAtOnce = 64;
constexpr std::size_t kLongestKey = 255;
constexpr const char* kNameRule = " must be 1 to 128 of A-Z a-z 0-9 . _ ~ -";

// What the request asks to publish, with as much of the body as there is.
Event event_of(const Request& request) {
  const std::string_view type = request.parameter("event").value_or("");
  if (request.parameter("event")) require_name("event", type);
  return Event(*FieldValue::from(std::string(type)), request.body);
}

// The request's Idempotency-Key, where it has one.
std::optional<std::string> key_of(const Request& request) {
  const auto field = request.header("Idempotency-Key");
  if (!field) return std::nullopt;
  std::string_view key = *field;
  if (key.size() >= 2 && key.starts_with('"') && key.ends_with('"')) key = key.substr(1, key.size() - 2);
  const bool is_plain = std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; }) &&
                        key.find_first_of("\"\\") == key.npos;
  if (key.empty() || key.size() > kLongestKey || !is_plain) {
    throw Refusal(400,
                  "An Idempotency-Key must be 1 to 255 printable ASCII characters, with neither quotes nor \\ inside.");
  }
  return std::string(key);
}

Answer answer_for(const Channel::Published& published) {
  switch (published.outcome) {
    case History::Outcome::kKept: break;
    case History::Outcome::kBusy:
      return problem(Refusal(503, "More is published than can be kept: try again shortly.", {{"Retry-After", "1"}}));
    case History::Outcome::kKeyTaken:
      return problem(422, "This Idempotency-Key came with another event before: a new event needs a key of its own.");
    case History::Outcome::kFailed:
      return problem(Refusal(503, "The event could not be kept: " + published.why, {{"Retry-After", "10"}}));
  }
  // An id is plain ASCII without a quote: JSON as it is.
  return {.content_type = "application/json", .body = "{\"id\":\"" + published.id + "\"}\n"};
}

// Throws a Refusal (400) where the head is enough for one.
void require_publication(const Request& head, const OtherParameters& others) {
  require_name("A channel's name", head.captures.at(0));
  require_known_parameters(head, {{"event=TYPE"}}, others);
  if (const std::string_view reason = reason_not_to_publish(event_of(head)); !reason.empty()) {
    throw Refusal(400, std::string(reason));
  }
  key_of(head);
}

// Throws a Refusal (403) where the patterns leave one of the channels out.
void require_granted(const std::vector<std::string>& patterns, const std::vector<std::string>& names,
                     const char* what) {
  for (const std::string& name : names) {
    if (matches(patterns, name)) continue;
    throw Refusal(403, "What lets you in is not for " + std::string(what) + ' ' + name + ": ask for a grant that is.",
                  {{"WWW-Authenticate", "Bearer realm=\"tidings\", error=\"insufficient_scope\""}});
  }
}

}  // namespace

void require_name(std::string_view what, std::string_view name) {
  if (!is_channel_name(name)) throw Refusal(400, std::string(what) + kNameRule);
}

AnyAdmission admission_to_publish(PublishDoor& door, const ChannelAuthorizers& authorizers) {
  if (is_empty(authorizers.publish)) {
    return [&](const Request& head) -> Admitted {
      require_publication(head, authorizers.parameters);
      door.admit(head, head.captures.at(0));
      return {};
    };
  }
  return admission(
      authorizers.publish,
      {.is_open =
           [&](const Request& head) {
             require_publication(head, authorizers.parameters);
             return door.admits_token(head);
           },
       .check = [](const Request& head,
                   const Grant& grant) { require_granted(grant.publish, head.captures, "publishing to"); },
       .is_open_to_all = [&](const Request& head) { return door.admit_to_open(head, head.captures.at(0)); },
       .let_in = [&](const Request& head, const Grant* grant) { door.count(head, grant); }});
}

AnyAdmission admission_to_read(const ChannelAuthorizers& authorizers) {
  if (is_empty(authorizers.read)) return Admission();
  return admission(authorizers.read, {.is_open = [](const Request&) { return false; },
                                      .check =
                                          [&](const Request& request, const Grant& grant) {
                                            const AskedChannels asked = asked_channels(request, authorizers.parameters);
                                            require_granted(grant.read, asked.names, "reading");
                                          }});
}

void publish(Hub& hub, const Request& request, Reply reply) {
  const auto shared = std::make_shared<Reply>(std::move(reply));  // a std::function has to be copyable
  const auto answer = [shared](const Channel::Published& published) { std::move (*shared)(answer_for(published)); };
  try {
    hub.channel(request.captures.at(0))->publish(event_of(request), key_of(request), answer);
  } catch (const std::invalid_argument& reason) {
    throw Refusal(400, reason.what());
  }
}

AskedChannels asked_channels(const Request& request, const OtherParameters& others) {
  if (request.captures.empty()) {
    require_known_stream_parameters(request, {{"name=CHANNEL", true}, {"types=plain"}}, others);
  } else {
    require_known_stream_parameters(request, {{"types=plain"}}, others);
  }
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
