// Which keys a file's text has, which of them is a token's, and what the text says that has none.
#include "tidings/server/tokens/token_keys.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

const std::string kSecret = "a secret of thirty-two bytes or more";

std::string set_of(const std::string& keys) { return "{\"keys\":[" + keys + "]}"; }

bool verifies(const TokenKeys& keys, Algorithm algorithm, std::optional<std::string_view> id, const Signer& signer) {
  const VerifyingKey* const key = keys.find(algorithm, id);
  return key && key->verifies("text", signer.signature("text"));
}

TEST(TokenKeys, ASecretIsTheFilesTextWithoutTheWhiteSpaceAtItsEnd) {
  for (const char* end : {"", "\n", " \r\n\n"}) {
    const TokenKeys keys = TokenKeys::from(kSecret + end);
    EXPECT_TRUE(verifies(keys, Algorithm::kHs256, {}, Signer::hs256(kSecret))) << end;
    EXPECT_TRUE(verifies(keys, Algorithm::kHs256, "any", Signer::hs256(kSecret))) << end;
    EXPECT_EQ(keys.find(Algorithm::kRs256, {}), nullptr);
  }
}

TEST(TokenKeys, APublicKeyIsForItsOwnAlgorithmAndIsNoSecret) {
  const Signer signer = Signer::rs256();
  const TokenKeys keys = TokenKeys::from("a line before it\n" + signer.pem());
  EXPECT_TRUE(verifies(keys, Algorithm::kRs256, {}, signer));
  EXPECT_TRUE(verifies(keys, Algorithm::kRs256, "any", signer));
  EXPECT_EQ(keys.find(Algorithm::kHs256, {}), nullptr);
  EXPECT_EQ(keys.find(Algorithm::kEs256, {}), nullptr);
}

TEST(TokenKeys, OfASetATokensAlgorithmAndKeyIdSayWhichIsItsKey) {
  const Signer one = Signer::es256(), two = Signer::es256(), three = Signer::eddsa();
  const TokenKeys keys = TokenKeys::from(set_of(one.jwk("one") + ',' + two.jwk("two") + ',' + three.jwk("one")));
  EXPECT_TRUE(verifies(keys, Algorithm::kEs256, "one", one));
  EXPECT_TRUE(verifies(keys, Algorithm::kEs256, "two", two));
  EXPECT_TRUE(verifies(keys, Algorithm::kEdDsa, "one", three));
  EXPECT_TRUE(verifies(keys, Algorithm::kEdDsa, {}, three)) << "the only one of its algorithm";
  EXPECT_EQ(keys.find(Algorithm::kEs256, {}), nullptr) << "it could be either";
  EXPECT_EQ(keys.find(Algorithm::kEs256, "three"), nullptr);
  EXPECT_EQ(keys.find(Algorithm::kEdDsa, "two"), nullptr);
  EXPECT_EQ(keys.find(Algorithm::kHs256, "one"), nullptr);
}

TEST(TokenKeys, WhatIsForSomethingElseIsLeftOut) {
  const Signer signer = Signer::eddsa();
  const TokenKeys keys = TokenKeys::from(
      set_of(R"({"kty":"RSA","use":"enc","n":"AQ","e":"AQAB"},{"kty":"RSA","alg":"RS512","n":"AQ","e":"AQAB"},)"
             R"({"kty":"EC","crv":"P-384","x":"AQ","y":"AQ"},{"kty":"OKP","crv":"X25519","x":"AQ"},{"kty":"new"},)"
             R"({"kty":"oct","k":"AQ","key_ops":["sign"]},"no key",7,)" +
             signer.jwk("one")));
  EXPECT_TRUE(verifies(keys, Algorithm::kEdDsa, "one", signer));
  EXPECT_EQ(keys.find(Algorithm::kRs256, {}), nullptr);
}

TEST(TokenKeys, OneKeyAloneIsASetOfOne) {
  const Signer signer = Signer::es256();
  EXPECT_TRUE(verifies(TokenKeys::from("\n " + signer.jwk("")), Algorithm::kEs256, {}, signer));
}

TEST(TokenKeys, WhatHasNoKeysSaysWhy) {
  const Signer signer = Signer::es256();
  const std::string secret = R"({"kty":"oct","kid":"old","k":")" + to_base64url(kSecret) + "\"}";
  struct Row {
    std::string text;
    const char* says;
  };
  for (const Row& row : {
           Row{"", "a secret of 0 bytes is too short: HS256 needs 32 or more"},
           Row{"too short\n", "a secret of 9 bytes is too short"},
           Row{"{", "begins as JSON and is none"},
           Row{"{}", "holds no key that verifies"},
           Row{"{\"keys\":[]}", "holds no key that verifies"},
           Row{"{\"keys\":{}}", "should have 1 to 64 \"keys\" in a list"},
           Row{R"({"keys":[],"keys":[]})", "has a member twice"},
           Row{set_of(secret + ',' + secret), "of the key with the ID old, there is another for the same algorithm"},
           Row{set_of(signer.jwk("") + ',' + signer.jwk("")), "of the key without an ID, there is another"},
           Row{set_of(R"({"kty":"oct","kid":"a","k":"AAAA"})"), "of the key with the ID a, a secret of 3 bytes"},
           Row{set_of(R"({"kty":"oct","kid":"a","k":"A+A="})"), "its \"k\" is no base64url"},
           Row{set_of(R"({"kty":"oct","kid":"a"})"), "its \"k\" is no base64url"},
           Row{set_of(R"({"kty":"RSA","alg":"HS256","n":"AQAB","e":"AQAB"})"), "\"alg\" is for keys of another"},
           Row{set_of(R"({"kty":"oct","alg":"RS256","k":"AQAB"})"), "\"alg\" is for keys of another"},
           Row{set_of(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"), "an RSA key of"},
           Row{set_of(R"({"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"})"), "have 32 bytes each"},
           Row{set_of(R"({"kty":"OKP","crv":"Ed25519","x":"AQAB"})"), "an Ed25519 key has 32 bytes"},
           Row{signer.private_pem(), "holds a private key"},
           Row{signer.pem() + signer.pem(), "holds several keys as PEM"},
           Row{"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds no public key"},
           Row{"-----BEGIN PUBLIC KEY-----\nAAAA\n", "can't be used: what is between BEGIN and END"},
           Row{Signer::es256("P-384").pem(), "P-256 and Ed25519 are taken"},
           Row{Signer::rs256(1024).pem(), "of 1024 bits is not taken"},
       }) {
    std::string said = "nothing";
    try {
      TokenKeys::from(row.text);
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    EXPECT_NE(said.find(row.says), std::string::npos) << row.text << "\n" << said;
  }
}

TEST(TokenKeys, ThereAreNoMoreThanSixtyFour) {
  const auto keys = [](int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      all += (i > 0 ? "," : "") + std::string(R"({"kty":"oct","kid":")") + std::to_string(i) + R"(","k":")" +
             to_base64url(kSecret) + "\"}";
    }
    return set_of(all);
  };
  EXPECT_NO_THROW(TokenKeys::from(keys(64)));
  EXPECT_THROW(TokenKeys::from(keys(65)), std::runtime_error);
}

}  // namespace
}  // namespace tidings
