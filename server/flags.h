// The program's command line: what can be said there, and what is meant unless it is said.
#pragma once

#include <optional>
#include <string>

#include "tidings/server/access/publish_access.h"
#include "tidings/server/access/publish_token.h"
#include "tidings/server/server_options.h"

namespace tidings {

struct Flags {
  ServerOptions server;
  PublishAccess access = {.open_channels = {"demo"}};  // its token comes from `token`
  TokenSources token;
  std::string web_root;
  std::string log_level = "info";
};

// The exit code, when the program is to end here: help was asked for, or something is wrong and has been said.
std::optional<int> parse(int argc, char** argv, Flags& flags);

}  // namespace tidings
