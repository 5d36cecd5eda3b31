#include "tidings/server/gateway/forwarded.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tidings/server/gateway/peer.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

using Lines = std::vector<std::string_view>;  // values of one field that stands several times: together they are a list
using Scheme = Request::Scheme;

constexpr std::size_t kMostPairs = 16;  // of one part of Forwarded; the standard has four

[[noreturn]] void refuse_forwarded() {
  throw Refusal(400,
                "The Forwarded field of a trusted proxy can't be read: its parts are such as for=192.0.2.43 or "
                "for=\"[2001:db8::17]:4711\", and behind a ; proto=https or host=example.org.");
}

[[noreturn]] void refuse_forwarded_for() {
  throw Refusal(400,
                "The X-Forwarded-For field of a trusted proxy can't be read: it is a list of addresses, such as "
                "192.0.2.43, 2001:db8::17.");
}

// What one proxy says of who has connected to it.
struct Hop {
  std::optional<asio::ip::address> client = {};  // none: it does not know, or does not tell
  Scheme scheme = Scheme::kUnknown;
  std::string_view host = {};
};

// The fields of a head, each `name: value`.
template <class Visit>
void for_each_field(std::string_view head, Visit visit) {
  head.remove_prefix(head.find("\r\n") + 2);
  while (head != "\r\n") {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t colon = line.find(": ");
    visit(line.substr(0, colon), line.substr(colon + 2));
    head.remove_prefix(line.size() + 2);
  }
}

// Takes the last member of a list; a comma within quotes divides nothing.
std::string_view take_last(std::string_view& list) {
  std::size_t begin = list.size();
  for (bool is_quoted = false; begin > 0; --begin) {
    const char c = list[begin - 1];
    if (c == '"') is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) break;
  }
  const std::string_view last = trimmed(list.substr(begin));
  list = list.substr(0, begin > 0 ? begin - 1 : 0);
  return last;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// What a proxy calls somebody to hide who it is.
bool is_obfuscated(std::string_view text) {
  return text.size() > 1 && text.front() == '_' && std::all_of(text.begin() + 1, text.end(), [](char c) {
           return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
         });
}

// Who is named, an address or somebody unknown: false when it is neither. `client` is the address.
bool read_node(std::string_view text, std::optional<asio::ip::address>& client) {
  std::string_view name = text;
  std::optional<std::string_view> port;
  const bool is_bracketed = text.starts_with('[');
  if (is_bracketed) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    name = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return false;
    if (!rest.empty()) port = rest.substr(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    name = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (port && !is_port(*port) && !is_obfuscated(*port)) return false;
  if (!is_bracketed && (equal_but_for_case(name, "unknown") || is_obfuscated(name))) return true;
  client = parse_address(name);
  return client && is_bracketed == (name.find(':') != std::string_view::npos);
}

Scheme scheme_of(std::string_view text) {
  if (equal_but_for_case(text, "http")) return Scheme::kHttp;
  if (equal_but_for_case(text, "https")) return Scheme::kHttps;
  return Scheme::kUnknown;
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("-._~:[]%!$&'()*+;=").find(c) != std::string_view::npos;
  });
}

// Takes the value of a pair: a token, or what stands in quotes.
std::string_view take_value(std::string_view& rest) {
  std::string_view value;
  if (rest.starts_with('"')) {
    const std::size_t end = rest.find('"', 1);
    if (end == std::string_view::npos) refuse_forwarded();
    value = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (value.find('\\') != std::string_view::npos) refuse_forwarded();
  } else {
    value = trimmed(rest.substr(0, rest.find(';')));
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    if (!is_token(value)) refuse_forwarded();
  }
  return value;
}

Hop read_forwarded_part(std::string_view rest) {
  Hop hop;
  std::vector<std::string_view> seen;
  for (;;) {
    const std::size_t equals = rest.find('=');
    const std::string_view name = rest.substr(0, equals);
    const auto is_this = [&name](std::string_view each) { return equal_but_for_case(each, name); };
    const bool is_name = equals != std::string_view::npos && is_token(name);
    if (!is_name || seen.size() == kMostPairs || std::any_of(seen.begin(), seen.end(), is_this)) refuse_forwarded();
    seen.push_back(name);
    rest.remove_prefix(equals + 1);
    const std::string_view value = take_value(rest);
    if (is_this("for") && !read_node(value, hop.client)) refuse_forwarded();
    if (is_this("proto") && (hop.scheme = scheme_of(value)) == Scheme::kUnknown) refuse_forwarded();
    if (is_this("host") && !is_host(hop.host = value)) refuse_forwarded();
    rest = trimmed(rest);
    if (rest.empty()) return hop;
    if (rest.front() != ';') refuse_forwarded();
    rest = trimmed(rest.substr(1));
  }
}

// A bare IPv6 address has no port.
Hop read_forwarded_for_part(std::string_view text) {
  Hop hop{.client = parse_address(text)};
  if (!hop.client && !read_node(text, hop.client)) refuse_forwarded_for();
  return hop;
}

// Goes from the last part to the left for as long as the proxy whose part it is is trusted.
template <class Read>
Hop walk(const Lines& lines, const TrustedProxies& trusted, Read read) {
  Hop known;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    for (std::string_view list = *line; !list.empty();) {
      const std::string_view part = take_last(list);
      if (part.empty()) continue;  // a list may have empty members
      const Hop hop = read(part);
      if (hop.scheme != Scheme::kUnknown) known.scheme = hop.scheme;
      if (!hop.host.empty()) known.host = hop.host;
      if (!hop.client) return known;
      known.client = hop.client;
      if (!trusted.contains(*hop.client)) return known;
    }
  }
  return known;
}

// Of a list that some proxies add to and others replace, what the nearest one says.
std::string_view last_of(const Lines& lines) {
  if (lines.empty()) return {};
  std::string_view list = lines.back();
  return take_last(list);
}

}  // namespace

Forwarded read_forwarded(std::string_view head, const TrustedProxies& trusted) {
  Lines forwarded, forwarded_for, proto, host;
  for_each_field(head, [&](std::string_view name, std::string_view value) {
    if (equal_but_for_case(name, "forwarded")) forwarded.push_back(value);
    if (equal_but_for_case(name, "x-forwarded-for")) forwarded_for.push_back(value);
    if (equal_but_for_case(name, "x-forwarded-proto")) proto.push_back(value);
    if (equal_but_for_case(name, "x-forwarded-host")) host.push_back(value);
  });
  Hop said = walk(forwarded, trusted, read_forwarded_part);
  if (!forwarded_for.empty()) {
    const Hop also = walk(forwarded_for, trusted, read_forwarded_for_part);
    if (!forwarded.empty() && also.client != said.client) {
      throw Refusal(400,
                    "Forwarded and X-Forwarded-For name different clients: a trusted proxy takes out the one of the "
                    "two that it does not write itself.");
    }
    said.client = also.client;
  }
  if (const std::string_view nearest = last_of(proto); said.scheme == Scheme::kUnknown && !nearest.empty()) {
    said.scheme = scheme_of(nearest);
    if (said.scheme == Scheme::kUnknown) throw Refusal(400, "X-Forwarded-Proto must be http or https.");
  }
  if (const std::string_view nearest = last_of(host); said.host.empty() && !nearest.empty()) {
    if (!is_host(nearest)) throw Refusal(400, "X-Forwarded-Host must be a host, and its port if it has one.");
    said.host = nearest;
  }
  return {said.client, said.scheme, std::string(said.host)};
}

void set_host(std::string& head, std::string_view host) {
  const std::size_t fields = head.find("\r\n") + 2;
  for (std::size_t begin = fields, end = 0; (end = head.find("\r\n", begin)) != begin; begin = end + 2) {
    constexpr std::string_view kName = "host: ";
    if (!equal_but_for_case(std::string_view(head).substr(begin, kName.size()), kName)) continue;
    head.replace(begin + kName.size(), end - begin - kName.size(), host);
    return;
  }
  head.insert(fields, "Host: " + std::string(host) + "\r\n");  // HTTP/1.0 needs none
}

}  // namespace tidings
