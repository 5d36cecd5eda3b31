#include "tidings/server/tokens/token_door.h"

#include <utility>
#include <variant>

#include "tidings/server/access/own_page.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"

namespace tidings {
namespace {

constexpr std::size_t kMostKnown = 16'384, kMostKnownBytes = std::size_t{8} << 20;

[[noreturn]] void refuse(TokenRefusal why) {
  throw Refusal(401, std::string(why),
                {{"WWW-Authenticate",
                  "Bearer realm=\"tidings\", error=\"invalid_token\", error_description=\"" + std::string(why) + '"'}});
}

}  // namespace

TokenDoor::TokenDoor(Options options, TokenKeys keys, const Clock& clock)
    : options_(std::move(options)),
      cors_(options_.origins),
      clock_(clock),
      keys_(std::make_shared<const TokenKeys>(std::move(keys))) {}

void TokenDoor::set_keys(TokenKeys keys) {
  auto next = std::make_shared<const TokenKeys>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_ = std::move(next);
  known_.clear();
  known_bytes_ = 0;
}

std::shared_ptr<const Grant> TokenDoor::grant(const Request& request) {
  const std::optional<std::string_view> given = token_of(request);
  if (!given) {
    throw Refusal(
        401, "This needs a token: as Authorization: Bearer TOKEN, or in a cookie " + std::string(kTokenCookie) + ".");
  }
  std::shared_ptr<const Token> token = known(*given);
  if (!token) token = verify(*given);
  if (const TokenRefusal why = wrong_time(*token, clock_.wall_now()); !why.empty()) refuse(why);
  return {token, &token->grant};
}

std::optional<std::string_view> TokenDoor::token_of(const Request& request) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view field = request.header("Authorization").value_or("");
  if (equal_but_for_case(field.substr(0, kBearer.size()), kBearer)) return trimmed(field.substr(kBearer.size()));
  if (const auto found = request.cookie(kTokenCookie)) {
    if (is_of_own_page(request, cors_)) return found;
    throw Refusal(403,
                  "A token in a cookie is taken from the server's own pages: a proxy in front must pass on the Host "
                  "field that it gets, and other sites' pages need --cors_origin.");
  }
  return options_.takes_parameter ? request.parameter(kTokenParameter) : std::nullopt;
}

std::size_t TokenDoor::known_tokens() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

std::shared_ptr<const Token> TokenDoor::known(std::string_view token) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(token);
  return found == known_.end() ? nullptr : found->second;
}

std::shared_ptr<const Token> TokenDoor::verify(std::string_view token) {
  std::shared_ptr<const TokenKeys> keys;
  {
    const std::lock_guard lock(mutex_);
    keys = keys_;
  }
  std::variant<Token, TokenRefusal> said = verified(token, *keys, options_.audience);
  if (const auto* const why = std::get_if<TokenRefusal>(&said)) refuse(*why);
  auto value = std::make_shared<const Token>(std::move(std::get<Token>(said)));
  const std::lock_guard lock(mutex_);
  if (keys != keys_) return value;  // it is not remembered under keys that have not verified it
  if (known_.size() == kMostKnown || known_bytes_ > kMostKnownBytes - token.size()) {
    known_.clear();
    known_bytes_ = 0;
  }
  if (known_.emplace(token, value).second) known_bytes_ += token.size();
  return value;
}

}  // namespace tidings
