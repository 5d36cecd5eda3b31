// Where the program's publish token comes from: the command line, a file or the environment; where none of them gives
// one, it is made. And its admin token: from a file or the environment, or there is none. One thread, at the start.
#pragma once

#include <optional>
#include <string>

namespace tidings {

inline constexpr const char* kTokenVariable = "TIDINGS_PUBLISH_TOKEN";
inline constexpr const char* kAdminTokenVariable = "TIDINGS_ADMIN_TOKEN";

struct TokenSources {
  std::optional<std::string> token = {};        // the token itself, as the command line has it
  std::optional<std::string> file = {};         // its path; white space at the end of the file is not the token's
  std::optional<std::string> environment = {};  // the value of kTokenVariable or kAdminTokenVariable
};

// The token of the one source that is given; empty when none is. Throws std::runtime_error with a sentence when there
// are two, when the file can't be read, and when what is given is no token or one of more than 4,096 bytes.
std::optional<std::string> given_token(const TokenSources& sources);
// The same for the admin token, which the command line never has.
std::optional<std::string> given_admin_token(const TokenSources& sources);

// A token of 160 random bits of the system's, as 40 hexadecimal digits. Throws std::system_error when the system gives
// none.
std::string make_token();

}  // namespace tidings
