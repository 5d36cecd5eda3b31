// Tokens and keys of strangers: whatever a token is, it is refused unless a key has signed it; what a key has signed is
// refused or grants patterns; and whatever a file of keys holds, it is refused with a sentence or has keys. An input's
// first byte says what the rest is: a token (t), a header (h) or claims (c) that are signed here, or a file of keys
// (k).
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "tidings/server/tokens/token.h"
#include "tidings/server/tokens/token_keys.h"
#include "tidings/tests/fuzz/fuzz.h"
#include "tidings/tests/server/tokens/signer.h"

namespace tidings::fuzz {
namespace {

const std::string kSecret = "a secret of thirty-two bytes or more";

void check(std::string_view token, bool is_signed) {
  static const Signer ec = Signer::es256();
  static const TokenKeys keys =
      TokenKeys::from("{\"keys\":[" + Signer::hs256(kSecret).jwk("") + ',' + ec.jwk("e") + "]}");
  const auto said = verified(token, keys, std::nullopt);
  if (const auto* const why = std::get_if<TokenRefusal>(&said)) {
    expect(!why->empty() && why->find_first_of("\"\\\r\n") == why->npos,
           "a refusal is a sentence that fits into a field");
    return;
  }
  expect(is_signed, "what no key has signed is refused");
  const Token& valid = std::get<Token>(said);
  expect(valid.grant.read.size() + valid.grant.publish.size() <= 512, "what a token may say is bounded");
  for (const Clock::WallTime now : {Clock::WallTime::min(), Clock::WallTime(), Clock::WallTime::max()}) {
    expect(wrong_time(valid, now).find('"') == std::string_view::npos, "whatever the time is");
  }
}

void check_keys(std::string_view text) {
  try {
    const TokenKeys keys = TokenKeys::from(text);
    for (const Algorithm algorithm : {Algorithm::kHs256, Algorithm::kRs256, Algorithm::kEs256, Algorithm::kEdDsa}) {
      const VerifyingKey* const key = keys.find(algorithm, std::nullopt);
      if (!key) continue;
      expect(key->algorithm() == algorithm, "a key is for its algorithm");
      expect(!key->verifies("text", "signature"), "and verifies what it has signed");
    }
  } catch (const std::runtime_error& error) {
    expect(*error.what() != '\0', "what has no keys says why");
  }
}

}  // namespace
}  // namespace tidings::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidings::fuzz;
  using tidings::Signer;
  if (size == 0) return 0;
  const std::string_view rest = as_text(data, size).substr(1);
  switch (*data) {
    case 't': check(rest, false); break;
    case 'h': check(Signer::hs256(kSecret).sign(rest, R"({"tidings":{"read":["*"]}})"), true); break;
    case 'c': check(Signer::hs256(kSecret).sign(rest), true); break;
    case 'k': check_keys(rest); break;
    default: break;
  }
  return 0;
}
