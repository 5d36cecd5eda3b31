// Where a Redis is, and as whom one comes to it, as --redis says it. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidings {

struct RedisUrl {
  std::string host;  // a name or a numeric address; empty where there is a Unix socket
  std::uint16_t port = 6379;
  std::string unix_path;
  std::string user, password;  // empty: none
  unsigned database = 0;

  // For the log: where it is, and nothing of who comes.
  std::string shown() const;
};

// Reads redis://[user:password@]host[:port][/database], or unix:[//[user:password@]]path[?db=database]; what of user
// and password has a sign of its own there is percent-encoded. Throws std::runtime_error with a sentence for anything
// else, which repeats nothing of the text: a password may stand anywhere in it.
RedisUrl parse_redis_url(std::string_view text);

}  // namespace tidings
