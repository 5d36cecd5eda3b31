// A JSON Web Token: what its signature is over, and what it grants. The signature is verified before anything is read
// that it protects. Source: RFC 7515, section "Message Signature or MAC Validation"; RFC 7519, sections "Validating a
// JWT" and "Registered Claim Names"; RFC 8725. Of the claims these are read:
//
//   {"tidings": {"read": ["news", "robots.*"], "publish": ["*"],   patterns of grant.h
//                "admin": true},                                   Grant::admin
//    "mercure": {"subscribe": ["*"], "publish": ["news"]},         names and the star alone
//    "sub": "robot 7", "exp": 1795573400, "nbf": 1795570000, "aud": "robots"}
//
// Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tidings/server/access/grant.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/tokens/token_keys.h"

namespace tidings {

inline constexpr std::size_t kLongestToken = 8192;

struct Token {
  Grant grant;  // until its `exp`; its bearer is its `sub`, or what stands for the token itself
  Clock::WallTime from = Clock::WallTime::min();  // its `nbf`
};
// Why it lets nobody in, as a sentence for whoever sent it, of ASCII without quotes.
using TokenRefusal = std::string_view;

// What a token says that one of the keys has signed, whatever the time is. Its `aud` has to name the audience, or must
// not be there where there is none.
std::variant<Token, TokenRefusal> verified(std::string_view token, const TokenKeys& keys,
                                           const std::optional<std::string>& audience);
// Why it is not the time for the token; empty when it is.
TokenRefusal wrong_time(const Token& token, Clock::WallTime now);

}  // namespace tidings
