#include "server/channel_routes.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "server/channel_rules.h"
#include "server/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMostChannelsAtOnce = 64;
constexpr const char* kNameRule = " must be 1 to 128 of A-Z a-z 0-9 . _ ~ -";

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1"; }

// A Host field's host: what comes before its port, where it has one.
std::string_view host_of(std::string_view authority) {
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return authority;
  const std::string_view port = authority.substr(colon + 1);
  return std::all_of(port.begin(), port.end(), is_digit) ? authority.substr(0, colon) : authority;
}

bool is_local_host(std::string_view authority) {
  const std::string_view host = host_of(authority);
  return equal_but_for_case(host, "localhost") || host == "127.0.0.1" || host == "[::1]";
}

// In a time that does not tell how much of it is right.
bool is_same_secret(std::string_view given, std::string_view secret) {
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  }
  return difference == 0;
}

void require_token(const Request& request, std::string_view token) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.header("Authorization").value_or("");
  if (given.size() <= kBearer.size() || !equal_but_for_case(given.substr(0, kBearer.size()), kBearer) ||
      !is_same_secret(given.substr(kBearer.size()), token)) {
    throw Refusal(401, "Publishing needs the server's publish token, as Authorization: Bearer TOKEN.");
  }
}

void require_this_machine(const Request& request) {
  static constexpr std::string_view kForwarding[] = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                                     "X-Forwarded-Proto", "X-Real-IP",       "Via"};
  const bool is_forwarded = std::any_of(std::begin(kForwarding), std::end(kForwarding),
                                        [&](std::string_view name) { return request.header(name).has_value(); });
  const std::string_view host = request.header("Host").value_or("");
  const auto origin = request.header("Origin");
  const bool is_foreign_page = origin && *origin != "http://" + std::string(host);
  if (is_forwarded || is_foreign_page || !is_local_host(host) || !is_loopback(request.remote_address)) {
    throw Refusal(403,
                  "Without a publish token only this machine may publish, directly and not from another web page: "
                  "start the server with --publish_token.");
  }
}

void require_name(std::string_view what, std::string_view name) {
  if (!is_channel_name(name)) throw Refusal(400, std::string(what) + kNameRule);
}

}  // namespace

void require_publish_access(const Request& request, const PublishAccess& access) {
  if (access.token) {
    require_token(request, *access.token);
  } else {
    require_this_machine(request);
  }
}

Answer publish(Hub& hub, const PublishAccess& access, const Request& request) {
  require_publish_access(request, access);
  const std::string& name = request.captures.at(0);
  require_name("A channel's name", name);
  const std::string_view type = request.parameter("event").value_or("");
  if (request.parameter("event")) require_name("event", type);
  const Event event(*FieldValue::from(std::string(type)), request.body);
  if (const std::string_view reason = reason_not_to_publish(event); !reason.empty()) {
    throw Refusal(400, std::string(reason));
  }
  const std::string id = hub.channel(name)->publish(event);
  return {.content_type = "application/json", .body = nlohmann::json{{"id", id}}.dump() + '\n'};
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
