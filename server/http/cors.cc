#include "tidings/server/http/cors.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <stdexcept>

#include "tidings/server/http/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMostAskedBytes = 1024;

// The host as browsers write it, from one in lower case; an IPv6 address stands in brackets. Empty where it is no host.
std::string host_as_browsers_send(const std::string& host) {
  if (host.starts_with('[')) {
    in6_addr address{};
    char text[INET6_ADDRSTRLEN];
    if (!host.ends_with(']') || inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) != 1) return {};
    return '[' + std::string(inet_ntop(AF_INET6, &address, text, sizeof text)) + ']';
  }
  const bool is_name = std::all_of(host.begin(), host.end(),
                                   [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
  if (!is_name) return {};
  // Browsers take a name whose last label is a number for an IPv4 address, and write it as four.
  const std::string_view last = std::string_view(host).substr(host.rfind('.') + 1);
  in_addr address{};
  const bool is_number = std::all_of(last.begin(), last.end(), is_digit);
  return is_number && inet_pton(AF_INET, host.c_str(), &address) != 1 ? std::string() : host;
}

}  // namespace

std::string as_browsers_send(std::string_view origin) {
  if (origin == "*" || origin == "null") return std::string(origin);
  const auto require = [origin](bool is_right, const char* fault) {
    if (is_right) return;
    throw std::invalid_argument("The origin \"" + std::string(origin) + "\" " + fault +
                                ": give the scheme, the host and, where it is not the scheme's own, the port, such as "
                                "https://example.org or http://localhost:8080.");
  };
  std::string text(origin);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  const std::size_t scheme_end = text.find("://");
  require(scheme_end != std::string::npos && is_token(text.substr(0, scheme_end)), "has no scheme");
  const std::string scheme = text.substr(0, scheme_end);
  std::string host = text.substr(scheme_end + 3);
  if (host.ends_with('/')) host.pop_back();
  require(host.find_first_of("/?#@") == std::string::npos, "has more than a scheme, a host and a port");

  const std::size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  std::string port = colon == std::string::npos ? std::string() : host.substr(colon + 1);
  host.resize(std::min(colon, host.size()));
  if (!port.empty()) {
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    require(error == std::errc() && end == port.data() + port.size() && number != 0, "has a port that is none");
    const bool is_default = (scheme == "http" && number == 80) || (scheme == "https" && number == 443);
    port = is_default ? std::string() : ':' + std::to_string(number);
  }
  host = host_as_browsers_send(host);
  require(!host.empty(), "has no host that browsers write like this (a name in ASCII, or a numeric address)");
  return scheme + "://" + host + port;
}

CorsPolicy::CorsPolicy(const std::vector<std::string>& origins) {
  std::transform(origins.begin(), origins.end(), std::back_inserter(origins_), as_browsers_send);
}

bool CorsPolicy::is_listed(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

bool CorsPolicy::allows(std::string_view origin) const { return is_listed(origin) || is_listed("*"); }

Request::Fields CorsPolicy::fields(std::optional<std::string_view> origin) const {
  if (origins_.empty()) return {};
  Request::Fields fields{{"Vary", "Origin"}};  // also for those it refuses: a cache must not mix them up
  if (!origin || !allows(*origin)) return fields;
  fields.emplace_back("Access-Control-Allow-Origin", is_listed(*origin) ? *origin : "*");
  // `null` is the origin of every sandboxed frame, whoever made it.
  if (is_listed(*origin) && *origin != "null") fields.emplace_back("Access-Control-Allow-Credentials", "true");
  fields.emplace_back("Access-Control-Expose-Headers", "Retry-After");
  return fields;
}

void CorsPolicy::mark(Answer& answer, std::optional<std::string_view> origin) const {
  for (auto& [name, value] : fields(origin)) {
    const auto same = std::find_if(answer.headers.begin(), answer.headers.end(),
                                   [&name = name](const auto& each) { return equal_but_for_case(each.first, name); });
    if (same == answer.headers.end()) {
      answer.headers.emplace_back(name, value);
    } else if (name == "Vary") {
      same->second.append(", ").append(value);
    } else {
      same->second = value;
    }
  }
}

std::optional<Answer> CorsPolicy::preflight(const Request& request, std::string_view allowed_methods) const {
  const auto origin = request.header("Origin");
  if (!origin || !allows(*origin) || !request.header("Access-Control-Request-Method")) return std::nullopt;
  Answer answer{.status = 204, .content_type = {}, .body = {}, .headers = {}};
  answer.headers.emplace_back("Access-Control-Allow-Methods", allowed_methods);
  if (const auto asked = request.header("Access-Control-Request-Headers"); asked && !asked->empty()) {
    const bool is_wrong = any_list_member(*asked, [](std::string_view name) { return !is_token(name); });
    if (is_wrong || asked->size() > kMostAskedBytes) {
      throw Refusal(400, "Access-Control-Request-Headers must be a list of field names, of at most 1,024 bytes.");
    }
    answer.headers.emplace_back("Access-Control-Allow-Headers", *asked);
  }
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

}  // namespace tidings
