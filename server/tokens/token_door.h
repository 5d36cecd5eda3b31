// Whether a request comes with a token that lets it in, and to which channels: what the program asks where it was given
// keys. A token that was verified is remembered for as long as the keys are the same, so that who comes back costs a
// look into a table; how many and how long those are is bounded. Source: RFC 6750. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tidings/server/access/grant.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/request.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/tokens/token.h"
#include "tidings/server/tokens/token_keys.h"

namespace tidings {

// A page's EventSource can't set fields, but its browser sends this cookie along, also where another site's page asks
// for it: so there the Origin decides as well.
inline constexpr std::string_view kTokenCookie = "tidings_token";
inline constexpr const char* kTokenParameter = "token";

class TokenDoor {
 public:
  struct Options {
    std::optional<std::string> audience = {};  // what `aud` has to name; without it, tokens must not have one
    bool takes_parameter = false;              // ?token=, which logs and histories keep
    std::vector<std::string> origins = {};     // other origins whose pages may come with the cookie, as of CorsPolicy
  };

  // The clock outlives it. Throws as CorsPolicy does.
  TokenDoor(Options options, TokenKeys keys, const Clock& clock);

  // From now on these are the keys, and no token is remembered that others have verified.
  void set_keys(TokenKeys keys);

  // What the request's token grants: that of the field Authorization, else of the cookie, else of the parameter. Throws
  // a Refusal (401, or 403 for a cookie that another site's page has sent along).
  std::shared_ptr<const Grant> grant(const Request& request);

  std::size_t known_tokens() const;  // how many are remembered

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::optional<std::string_view> token_of(const Request& request) const;
  std::shared_ptr<const Token> known(std::string_view token) const;
  std::shared_ptr<const Token> verify(std::string_view token);

  const Options options_;
  const CorsPolicy cors_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TokenKeys> keys_;
  std::unordered_map<std::string, std::shared_ptr<const Token>, Hash, std::equal_to<>> known_;
  std::size_t known_bytes_ = 0;
};

}  // namespace tidings
