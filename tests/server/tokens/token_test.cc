// What a token grants, and until when.
#include "tidings/server/tokens/token.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;
using Patterns = std::vector<std::string>;

const std::string kSecret = "a secret of thirty-two bytes or more";
const Signer kSigner = Signer::hs256(kSecret);

std::variant<Token, TokenRefusal> of(std::string_view claims, const std::optional<std::string>& audience = {}) {
  return verified(kSigner.sign(claims), TokenKeys::from(kSecret), audience);
}

// The token's refusal, or nothing.
std::string refusal(std::string_view claims, const std::optional<std::string>& audience = {}) {
  const auto said = of(claims, audience);
  const auto* const why = std::get_if<TokenRefusal>(&said);
  return std::string(why ? *why : "");
}

TEST(Token, ItsClaimSaysWhatIsReadAndPublished) {
  const Token token = std::get<Token>(of(R"({"tidings":{"read":["news","robots.*"],"publish":["*"]},"sub":"ada"})"));
  EXPECT_EQ(token.grant.read, (Patterns{"news", "robots.*"}));
  EXPECT_EQ(token.grant.publish, Patterns{"*"});
  EXPECT_EQ(token.grant.until, std::nullopt);
  EXPECT_EQ(wrong_time(token, Clock::WallTime(0s)), "");
}

TEST(Token, ItsClaimMakesAnAdminWhereItSaysTrue) {
  const auto admin = [](std::string_view claims) { return std::get<Token>(of(claims)).grant.admin; };
  EXPECT_TRUE(admin(R"({"tidings":{"admin":true}})"));
  EXPECT_FALSE(admin(R"({"tidings":{"admin":false,"read":["*"],"publish":["*"]}})"));
  EXPECT_FALSE(admin(R"({"tidings":{},"admin":true,"mercure":{"admin":true}})"));
  EXPECT_NE(refusal(R"({"tidings":{"admin":"true"}})"), "");
  EXPECT_NE(refusal(R"({"tidings":{"admin":1}})"), "");
}

TEST(Token, MercuresClaimIsUnderstoodByNamesAndByTheStarAlone) {
  const Token token = std::get<Token>(of(R"({"mercure":{"subscribe":["*","news","robots.*","/a/{b}"],"publish":["x"],)"
                                         R"("payload":{"any":[1,2]}},"tidings":{"publish":["y"]}})"));
  EXPECT_EQ(token.grant.read, (Patterns{"*", "news"}));
  EXPECT_EQ(token.grant.publish, (Patterns{"y", "x"}));
}

TEST(Token, OneThatNamesNoChannelsGrantsNone) {
  const Token token = std::get<Token>(of("{}"));
  EXPECT_TRUE(token.grant.read.empty());
  EXPECT_TRUE(token.grant.publish.empty());
}

TEST(Token, ItsBearerIsItsSubjectAndWithoutOneTheTokenItself) {
  const auto bearer = [](std::string_view claims) { return std::get<Token>(of(claims)).grant.bearer; };
  EXPECT_EQ(bearer(R"({"sub":"ada"})"), "sub ada");
  EXPECT_EQ(bearer(R"({"sub":"ada","exp":2000})"), "sub ada");
  EXPECT_EQ(bearer(R"({"exp":2000})"), bearer(R"({"exp":2000})"));
  EXPECT_NE(bearer(R"({"exp":2000})"), bearer(R"({"exp":2001})"));
  EXPECT_LT(bearer(R"({"sub":7})").size(), 40u);
}

TEST(Token, ItIsValidFromItsNbfAndUntilItsExp) {
  const Token token = std::get<Token>(of(R"({"nbf":1000,"exp":2000.5})"));
  EXPECT_NE(wrong_time(token, Clock::WallTime(1000s - 1ms)), "");
  EXPECT_EQ(wrong_time(token, Clock::WallTime(1000s)), "");
  EXPECT_EQ(wrong_time(token, Clock::WallTime(2000s + 499ms)), "");
  EXPECT_NE(wrong_time(token, Clock::WallTime(2000s + 500ms)), "");
  EXPECT_EQ(token.grant.until, Clock::WallTime(2000s + 500ms));
}

TEST(Token, TimesThatNoClockHasAreHeldToThoseThatOneHas) {
  EXPECT_EQ(wrong_time(std::get<Token>(of(R"({"exp":1e300,"nbf":-1e300})")), Clock::WallTime(0s)), "");
  EXPECT_NE(wrong_time(std::get<Token>(of(R"({"exp":-1e300})")), Clock::WallTime(0s)), "");
  EXPECT_NE(wrong_time(std::get<Token>(of(R"({"nbf":18446744073709551615})")), Clock::WallTime(0s)), "");
}

TEST(Token, ItsAudienceHasToBeThisOneAndWhereThereIsNoneItMustHaveNone) {
  EXPECT_EQ(refusal(R"({"aud":"robots"})", "robots"), "");
  EXPECT_EQ(refusal(R"({"aud":["others","robots"]})", "robots"), "");
  for (const char* claims : {"{}", R"({"aud":"others"})", R"({"aud":["others"]})", R"({"aud":[]})", R"({"aud":7})",
                             R"({"aud":{"robots":"robots"}})", R"({"aud":"Robots"})"}) {
    EXPECT_NE(refusal(claims, "robots").find("another audience"), std::string::npos) << claims;
  }
  EXPECT_NE(refusal(R"({"aud":"robots"})").find("another audience"), std::string::npos);
}

TEST(Token, ItHasEightKibibytesAtMost) {
  std::string claims = R"({"sub":""})";
  while (kSigner.sign(claims).size() <= kLongestToken) claims.insert(8, "x");
  EXPECT_NE(refusal(claims).find("8192 bytes at most"), std::string::npos);
  claims.erase(8, 1);
  EXPECT_EQ(refusal(claims), "");
}

TEST(Token, WhateverIsSaidOfARefusalFitsIntoAField) {
  for (const char* claims : {"{}", "[]", "", R"({"exp":"1"})"}) {
    EXPECT_EQ(refusal(claims, "robots").find_first_of("\"\\\r\n"), std::string::npos);
  }
  EXPECT_EQ(std::get<TokenRefusal>(verified("", TokenKeys::from(kSecret), {})).find_first_of("\"\\\r\n"),
            std::string_view::npos);
}

}  // namespace
}  // namespace tidings
