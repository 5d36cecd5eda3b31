// Bytes as JSON Web Tokens write them. Source: RFC 4648, section "Base 64 Encoding with URL and Filename Safe
// Alphabet"; RFC 7515, section "Terminology" (without padding). Pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidings {

// Empty where it is not: another character, padding among them, a length that there is not, or bits behind the last
// byte that are not zero. So each text has one value and each value one text.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace tidings
