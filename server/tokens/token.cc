#include "tidings/server/tokens/token.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tidings/protocol/channel_rules.h"
#include "tidings/server/tokens/base64url.h"
#include "tidings/server/tokens/strict_json.h"

namespace tidings {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestHeader = 1024, kMostHeaderValues = 64, kMostClaims = 512;

constexpr TokenRefusal kNoToken =
    "The token is no JSON Web Token: that has three parts of base64url, divided by dots, and 8192 bytes at most.";
constexpr TokenRefusal kWrongHeader =
    "The token's header should name HS256, RS256, ES256 or EdDSA as alg, and nothing as crit.";
constexpr TokenRefusal kNoKey = "The server has no key for the token's alg and kid.";
constexpr TokenRefusal kWrongSignature = "The token's signature is not by the server's key.";
constexpr TokenRefusal kWrongClaims =
    "The token's claims should be a JSON object: exp and nbf are numbers, and tidings has lists of patterns, read and "
    "publish, and true or false as admin.";
constexpr TokenRefusal kWrongAudience = "The token is for another audience, by its aud, than this server.";
constexpr TokenRefusal kOver = "The token is no longer valid, by its exp: get another one.";
constexpr TokenRefusal kTooSoon = "The token is not valid yet, by its nbf.";

constexpr double kLatest = 9e9;  // seconds, in the year 2255; a system_clock of nanoseconds ends soon after

Clock::WallTime time_of(double seconds) {
  const std::chrono::duration<double> since_epoch(std::clamp(seconds, -kLatest, kLatest));
  return Clock::WallTime(std::chrono::duration_cast<Clock::WallTime::duration>(since_epoch));
}

// Whether the claims are what they should be: these put what they say into `token`.

bool take_times(const json& claims, Token& token) {
  if (const json* const until = member(claims, "exp")) {
    if (!until->is_number()) return false;
    token.grant.until = time_of(until->get<double>());
  }
  if (const json* const from = member(claims, "nbf")) {
    if (!from->is_number()) return false;
    token.from = time_of(from->get<double>());
  }
  return true;
}

bool take_patterns(const json& claim, const char* name, bool has_beginnings, std::vector<std::string>& patterns) {
  const json* const list = member(claim, name);
  if (!list) return true;
  if (!list->is_array()) return false;
  for (const json& each : *list) {
    if (!each.is_string()) return false;
    const std::string& pattern = each.get_ref<const std::string&>();
    if (has_beginnings || pattern == "*" || is_channel_name(pattern)) patterns.push_back(pattern);
  }
  return true;
}

bool take_admin(const json& claim, bool& admin) {
  const json* const value = member(claim, "admin");
  if (!value) return true;
  if (!value->is_boolean()) return false;
  admin = value->get<bool>();
  return true;
}

bool take_channels(const json& claims, Grant& grant) {
  if (const json* const ours = member(claims, "tidings")) {
    if (!ours->is_object() || !take_patterns(*ours, "read", true, grant.read) ||
        !take_patterns(*ours, "publish", true, grant.publish) || !take_admin(*ours, grant.admin)) {
      return false;
    }
  }
  const json* const mercure = member(claims, "mercure");
  return !mercure || (mercure->is_object() && take_patterns(*mercure, "subscribe", false, grant.read) &&
                      take_patterns(*mercure, "publish", false, grant.publish));
}

bool is_for(const std::optional<std::string>& audience, const json& claims) {
  const json* const named = member(claims, "aud");
  if (!audience || !named) return !audience && !named;
  if (named->is_array()) return std::find(named->begin(), named->end(), *audience) != named->end();
  return *named == *audience;
}

std::variant<Token, TokenRefusal> read(const json& claims, const std::optional<std::string>& audience) {
  Token token;
  if (!claims.is_object() || !take_times(claims, token) || !take_channels(claims, token.grant)) return kWrongClaims;
  if (const auto subject = text_of(claims, "sub")) token.grant.bearer = "sub " + std::string(*subject);
  if (!is_for(audience, claims)) return kWrongAudience;
  return token;
}

}  // namespace

std::variant<Token, TokenRefusal> verified(std::string_view token, const TokenKeys& keys,
                                           const std::optional<std::string>& audience) {
  if (token.size() > kLongestToken) return kNoToken;
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == token.npos || first == last || token.find('.', first + 1) != last || first > kLongestHeader) {
    return kNoToken;
  }
  const auto header_text = from_base64url(token.substr(0, first));
  const auto signature = from_base64url(token.substr(last + 1));
  const auto header = header_text ? strict_json(*header_text, kMostHeaderValues) : std::nullopt;
  if (!header || !signature) return kNoToken;
  const std::optional<Algorithm> algorithm = algorithm_of(text_of(*header, "alg").value_or(""));
  const auto id = text_of(*header, "kid");
  if (!algorithm || member(*header, "crit") || (member(*header, "kid") && !id)) return kWrongHeader;
  const VerifyingKey* const key = keys.find(*algorithm, id);
  if (!key) return kNoKey;
  if (!key->verifies(token.substr(0, last), *signature)) return kWrongSignature;
  const auto claims_text = from_base64url(token.substr(first + 1, last - first - 1));
  const auto claims = claims_text ? strict_json(*claims_text, kMostClaims) : std::nullopt;
  if (!claims) return kWrongClaims;
  std::variant<Token, TokenRefusal> said = read(*claims, audience);
  auto* const value = std::get_if<Token>(&said);
  if (value && value->grant.bearer.empty()) {
    value->grant.bearer = "token " + std::to_string(std::hash<std::string_view>()(token.substr(0, last)));
  }
  return said;
}

TokenRefusal wrong_time(const Token& token, Clock::WallTime now) {
  if (token.grant.until && now >= *token.grant.until) return kOver;
  return now < token.from ? kTooSoon : TokenRefusal();
}

}  // namespace tidings
