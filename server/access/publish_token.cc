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

std::string read_token(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    throw std::runtime_error("The file " + path +
                             " can't be read: give --publish_token_file one that holds the token.");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  text.resize(text.find_last_not_of(" \t\r\n") + 1);  // nothing but white space: npos + 1, which is 0
  return text;
}

std::string checked(std::string token, const std::string& source) {
  if (is_publish_token(token) && token.size() <= kMostBytes) return token;
  throw std::runtime_error((token.empty() ? "There is no publish token in " : "That is no publish token in ") + source +
                           ": one is 1 to " + std::to_string(kMostBytes) + " visible ASCII characters without spaces.");
}

}  // namespace

std::optional<std::string> given_token(const TokenSources& sources) {
  const int given = (sources.token ? 1 : 0) + (sources.file ? 1 : 0) + (sources.environment ? 1 : 0);
  if (given > 1) {
    throw std::runtime_error(
        "There is more than one publish token: give one of --publish_token, --publish_token_file "
        "and " +
        std::string(kTokenVariable) + ".");
  }
  if (sources.token) return checked(*sources.token, "--publish_token");
  if (sources.file) return checked(read_token(*sources.file), "the file " + *sources.file);
  if (sources.environment) return checked(*sources.environment, kTokenVariable);
  return std::nullopt;
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
