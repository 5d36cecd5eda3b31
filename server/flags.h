// The program's command line: its flags, and the values that they have where they are not given. One thread, at the
// start.
#pragma once

#include <optional>
#include <string>

#include "tidings/server/access/publish_access.h"
#include "tidings/server/access/publish_token.h"
#include "tidings/server/history/sqlite_history.h"
#include "tidings/server/log.h"
#include "tidings/server/redis/redis_history.h"
#include "tidings/server/server_options.h"
#include "tidings/server/tokens/token_door.h"

namespace tidings {

struct Flags {
  ServerOptions server;
  PublishAccess access = {.open_channels = {"demo"}};  // its token comes from `token`
  TokenSources token;
  TokenSources admin_token;     // of who lists channels and drops what they keep; nobody unless given
  std::string token_keys;       // the file that holds the keys of JSON Web Tokens, if there is one
  bool is_reading_open = true;  // else reading needs such a token
  TokenDoor::Options tokens;
  SqliteHistory::Options history;  // with a data_dir, if it is wanted
  RedisHistory::Options redis;     // with a url, if that is wanted instead
  bool redis_readiness = false;    // /readyz is 503 while Redis is away
  std::string web_root;
  std::optional<std::string> web_policy;  // of the documents there
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kText;
  bool has_access_log = false;
};

// Puts what the command line, the environment and a file of flags say into `flags`. Returns the exit code when the
// program is to end: help was asked for, or a flag is wrong, and that has been printed.
std::optional<int> parse(int argc, char** argv, Flags& flags);

}  // namespace tidings
