#include "tidings/server/access/publish_token.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "tidings/server/access/publish_access.h"

namespace tidings {
namespace {

constexpr std::size_t kMostBytes = 4096;

// What a token is called, and where it may come from.
struct Names {
  std::string what;  // "publish token"
  std::string file_flag, variable;
  std::string all;  // of the places
};

std::string read_token(const std::string& path, const Names& names) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    throw std::runtime_error("The file " + path + " can't be read: give " + names.file_flag +
                             " one that holds the token.");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.resize(text.find_last_not_of(" \t\r\n") + 1);  // nothing but white space: npos + 1, which is 0
  return text;
}

std::string checked(std::string token, const std::string& source, const Names& names) {
  if (is_publish_token(token) && token.size() <= kMostBytes) return token;
  throw std::runtime_error((token.empty() ? "There is no " : "That is no ") + names.what + " in " + source +
                           ": one is 1 to " + std::to_string(kMostBytes) + " visible ASCII characters without spaces.");
}

std::optional<std::string> given(const TokenSources& sources, const Names& names) {
  const int count = (sources.token ? 1 : 0) + (sources.file ? 1 : 0) + (sources.environment ? 1 : 0);
  if (count > 1) throw std::runtime_error("There is more than one " + names.what + ": give one of " + names.all + ".");
  if (sources.token) return checked(*sources.token, "--publish_token", names);
  if (sources.file) return checked(read_token(*sources.file, names), "the file " + *sources.file, names);
  if (sources.environment) return checked(*sources.environment, names.variable, names);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> given_token(const TokenSources& sources) {
  return given(sources, {.what = "publish token",
                         .file_flag = "--publish_token_file",
                         .variable = kTokenVariable,
                         .all = std::string("--publish_token, --publish_token_file and ") + kTokenVariable});
}

std::optional<std::string> given_admin_token(const TokenSources& sources) {
  return given(sources, {.what = "admin token",
                         .file_flag = "--admin_token_file",
                         .variable = kAdminTokenVariable,
                         .all = std::string("--admin_token_file and ") + kAdminTokenVariable});
}

std::string make_token() {
  std::array<unsigned char, 20> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    throw std::system_error(errno, std::generic_category(), "The system gives no random bytes for a publish token");
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string token;
  for (const unsigned char byte : bytes) token.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return token;
}

}  // namespace tidings
