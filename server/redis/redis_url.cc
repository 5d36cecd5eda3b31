#include "tidings/server/redis/redis_url.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace tidings {
namespace {

constexpr unsigned kMostDatabase = 1'000'000;

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error(
      "--redis: " + what +
      ". It must be redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or unix:PATH[?db=DATABASE], such "
      "as redis://localhost:6379");
}

std::optional<unsigned> number(std::string_view digits, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || value > most) return {};
  return value;
}

std::optional<unsigned> hexadecimal(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 2 || error != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const std::optional<unsigned> code = hexadecimal(text.substr(i + 1, 2));
    if (!code) refuse("a % in the user or the password must be followed by two hexadecimal digits");
    plain += static_cast<char>(*code);
    i += 2;
  }
  return plain;
}

// Takes the user and the password off its beginning, where it has them. The last @ counts: a password may have others.
void take_credentials(std::string_view& rest, std::string_view ends, RedisUrl& url) {
  const std::size_t at = rest.substr(0, rest.find_first_of(ends)).rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const std::size_t colon = credentials.find(':');
  if (colon == std::string_view::npos) refuse("a user comes with a password, as in USER:PASSWORD@");
  url.user = decoded(credentials.substr(0, colon));
  url.password = decoded(credentials.substr(colon + 1));
  if (url.password.empty()) refuse("the password is empty");
}

void take_database(std::string_view digits, RedisUrl& url) {
  const std::optional<unsigned> database = number(digits, kMostDatabase);
  if (!database) refuse("the database must be a number, such as 0");
  url.database = *database;
}

RedisUrl parse_tcp(std::string_view rest) {
  RedisUrl url;
  take_credentials(rest, "/", url);
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    if (slash + 1 < rest.size()) take_database(rest.substr(slash + 1), url);
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  bool has_port = false;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) refuse("an address that begins with [ must end with ]");
    url.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    has_port = rest.starts_with(':');
    if (!has_port && !rest.empty()) refuse("after ] comes :PORT");
    port = rest.substr(has_port);
  } else {
    const std::size_t colon = rest.find(':');
    has_port = colon != std::string_view::npos;
    url.host = rest.substr(0, colon);
    if (has_port) port = rest.substr(colon + 1);
  }
  if (url.host.empty()) refuse("there is no host");
  if (has_port) {
    const std::optional<unsigned> value = number(port, 65'535);
    if (!value || *value == 0) refuse("the port must be a number from 1 to 65535");
    url.port = static_cast<std::uint16_t>(*value);
  }
  return url;
}

RedisUrl parse_unix(std::string_view rest) {
  RedisUrl url;
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    take_credentials(rest, "/", url);
  }
  if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    constexpr std::string_view kDatabase = "db=";
    const std::string_view asked = rest.substr(query + 1);
    if (!asked.starts_with(kDatabase)) refuse("behind the ? comes db=DATABASE");
    take_database(asked.substr(kDatabase.size()), url);
    rest = rest.substr(0, query);
  }
  if (rest.empty()) refuse("there is no path behind unix:");
  url.unix_path = rest;
  return url;
}

}  // namespace

std::string RedisUrl::shown() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

RedisUrl parse_redis_url(std::string_view text) {
  constexpr std::string_view kTcp = "redis://", kUnix = "unix:", kTls = "rediss:";
  for (const char c : text) {
    if (c <= ' ' || c > '~') refuse("it must be of printable ASCII without spaces");
  }
  if (text.starts_with(kTls)) {
    throw std::runtime_error(
        "--redis: rediss: is TLS, which this program does not speak to Redis. Let a proxy on this machine do it, such "
        "as "
        "stunnel, and give --redis that one's address");
  }
  if (text.starts_with(kTcp)) return parse_tcp(text.substr(kTcp.size()));
  if (text.starts_with(kUnix)) return parse_unix(text.substr(kUnix.size()));
  refuse("it begins neither with redis:// nor with unix:");
}

}  // namespace tidings
