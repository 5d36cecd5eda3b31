#include "tidings/server/access/publish_access.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/access/held_to_rate.h"
#include "tidings/server/access/own_page.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

// Takes a time that does not tell how much of a guess is right. The secret is not empty.
bool is_same_secret(std::string_view given, std::string_view secret) {
  unsigned difference = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(secret[i % secret.size()]);
  }
  return difference == 0;
}

bool has_token(const Request& request, std::string_view token) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view given = request.header("Authorization").value_or("");
  return equal_but_for_case(given.substr(0, kBearer.size()), kBearer) &&
         is_same_secret(trimmed(given.substr(std::min(kBearer.size(), given.size()))), token);
}

// Who has an IPv6 network of 48 bits, as a site has, has 65,536 of 64: too many where nobody says who it is.
constexpr std::size_t kSiteBits = 48;

}  // namespace

PublishDoor::PublishDoor(PublishAccess access, const CorsPolicy& cors, const Clock& clock)
    : access_(std::move(access)), cors_(cors), clock_(clock), open_rate_(access_.open_rate) {
  if (access_.rate) rate_.emplace(*access_.rate);
  if (access_.token && !is_publish_token(*access_.token)) {
    throw std::invalid_argument("A publish token is one visible ASCII character or more, without spaces.");
  }
  if (access_.admin_token && !is_publish_token(*access_.admin_token)) {
    throw std::invalid_argument("An admin token is one visible ASCII character or more, without spaces.");
  }
  if (access_.admin_token && access_.admin_token == access_.token) {
    throw std::invalid_argument("The admin token is that of publishers too, who must not be admins: give it another.");
  }
  for (const std::string& name : access_.open_channels) {
    if (is_channel_name(name)) continue;
    throw std::invalid_argument("An open channel's name must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, not \"" +
                                printable(name) + "\".");
  }
}

bool PublishDoor::is_open(std::string_view channel) const {
  return std::find(access_.open_channels.begin(), access_.open_channels.end(), channel) != access_.open_channels.end();
}

bool PublishDoor::admits_token(const Request& request) const {
  return access_.token && has_token(request, *access_.token);
}

bool PublishDoor::admits_admin(const Request& request) const {
  return access_.admin_token && has_token(request, *access_.admin_token);
}

void PublishDoor::admit(const Request& request, std::string_view channel) {
  if (admits_token(request) || admit_to_open(request, channel)) return count(request, nullptr);
  if (access_.token) {
    throw Refusal(401, "Publishing to this channel needs the server's publish token, as Authorization: Bearer TOKEN.");
  }
  throw Refusal(403,
                "This server takes events over HTTP for its open channels alone, and this is none of them: its program "
                "names those in PublishAccess::open_channels, and opens the others by PublishAccess::token.");
}

bool PublishDoor::admit_to_open(const Request& request, std::string_view channel) {
  if (!is_open(channel)) return false;
  if (!is_of_own_page(request, cors_)) {
    throw Refusal(403,
                  "Pages of another origin may not publish here: a proxy in front must pass on the Host field that "
                  "it gets, or be a --trusted_proxy and say it in X-Forwarded-Host; other sites' pages need "
                  "--cors_origin.");
  }
  if (const auto wait = open_rate_.take(client_of(request.remote_address, kSiteBits), clock_.now())) {
    throw too_soon("This channel takes no more events that soon without the publish token: wait a moment.", *wait);
  }
  return true;
}

void PublishDoor::count(const Request& request, const Grant* grant) {
  if (!rate_) return;
  const bool has_name = grant && !grant->bearer.empty();
  const std::string client = has_name ? "bearer " + grant->bearer : client_of(request.remote_address);
  if (const auto wait = rate_->take(client, clock_.now())) {
    throw too_soon("More is published than may be in this time: wait as long as Retry-After says.", *wait);
  }
}

bool is_publish_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace tidings
