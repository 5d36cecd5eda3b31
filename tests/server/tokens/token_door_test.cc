// Where a token is found in a request, what is said of one that is none, and what is remembered.
#include "tidings/server/tokens/token_door.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/tokens/signer.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

const std::string kSecret = "a secret of thirty-two bytes or more", kOther = "another secret of thirty-two bytes";
constexpr std::string_view kClaims = R"({"tidings":{"read":["news"]},"nbf":1000,"exp":2000})";

Request with(Request::Fields headers, Request::Fields parameters = {}) {
  Request request;
  request.headers = std::move(headers);
  request.headers.emplace_back("Host", "chat.example");
  request.parameters = std::move(parameters);
  return request;
}

class TokenDoorTest : public testing::Test {
 protected:
  std::optional<Refusal> refusal(TokenDoor& door, const Request& request) {
    try {
      EXPECT_EQ(door.grant(request)->read, std::vector<std::string>{"news"});
      return std::nullopt;
    } catch (const Refusal& refusal) {
      return refusal;
    }
  }
  int status(TokenDoor& door, const Request& request) {
    const auto refused = refusal(door, request);
    return refused ? refused->status() : 200;
  }

  const std::string token_ = Signer::hs256(kSecret).sign(kClaims);
  const Request request_ = with({{"Authorization", "Bearer " + token_}});
  ManualClock clock_{Clock::WallTime(1000s)};
  TokenDoor door_{{.origins = {"https://allowed.example"}}, TokenKeys::from(kSecret), clock_};
};

TEST_F(TokenDoorTest, ATokenComesInAFieldOrInACookie) {
  for (const Request::Fields& fields : {
           Request::Fields{{"Authorization", "Bearer " + token_}},
           Request::Fields{{"authorization", "bearer  " + token_ + ' '}},
           Request::Fields{{"Cookie", "tidings_token=" + token_}},
           Request::Fields{{"Cookie", "a=b; tidings_token=" + token_ + "; c=d"}},
           Request::Fields{{"Cookie", "a=b;tidings_token=" + token_ + ";"}},
           Request::Fields{{"Authorization", "Basic eDp5"}, {"Cookie", "tidings_token=" + token_}},
       }) {
    EXPECT_EQ(status(door_, with(fields)), 200) << fields[0].second;
  }
}

TEST_F(TokenDoorTest, WhereThereIsNoneItSaysHowOneComes) {
  for (const Request::Fields& fields : {
           Request::Fields{},
           Request::Fields{{"Cookie", ""}},
           Request::Fields{{"Cookie", ";;; ;"}},
           Request::Fields{{"Cookie", "tidings_token"}},
           Request::Fields{{"Cookie", "my_tidings_token=" + token_}},
           Request::Fields{{"Cookie", "tidings_token2=" + token_}},
           Request::Fields{{"Authorization", token_}},
       }) {
    const auto refused = refusal(door_, with(fields));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status(), 401);
    EXPECT_NE(std::string(refused->what()).find("Authorization: Bearer TOKEN"), std::string::npos);
    EXPECT_EQ(problem(*refused).headers.at(1).second, "Bearer realm=\"tidings\"");
  }
}

TEST_F(TokenDoorTest, AnInvalidOneIsToldAsRfc6750Has) {
  const auto refused = refusal(door_, with({{"Authorization", "Bearer nonsense"}}));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 401);
  const std::string challenge = problem(*refused).headers.at(0).second;
  EXPECT_TRUE(challenge.starts_with(
      "Bearer realm=\"tidings\", error=\"invalid_token\", error_description=\"The token is no JSON Web Token"))
      << challenge;
}

TEST_F(TokenDoorTest, ACookieIsTakenFromPagesOfTheServersOwnOriginAlone) {
  const std::string cookie = "tidings_token=" + token_;
  struct Row {
    const char* origin;
    int status;
  };
  for (const Row& row : {Row{"https://chat.example", 200}, Row{"https://allowed.example", 200},
                         Row{"https://evil.example", 403}, Row{"null", 403}, Row{"", 403}}) {
    EXPECT_EQ(status(door_, with({{"Cookie", cookie}, {"Origin", row.origin}})), row.status) << row.origin;
    EXPECT_EQ(status(door_, with({{"Authorization", "Bearer " + token_}, {"Origin", row.origin}})), 200) << row.origin;
  }
}

TEST_F(TokenDoorTest, AParameterIsTakenWhereThatIsAllowed) {
  TokenDoor lax({.takes_parameter = true}, TokenKeys::from(kSecret), clock_);
  EXPECT_EQ(status(door_, with({}, {{"token", token_}})), 401);
  EXPECT_EQ(status(lax, with({}, {{"token", token_}})), 200);
  EXPECT_EQ(status(lax, with({{"Authorization", "Bearer x"}}, {{"token", token_}})), 401) << "the field comes first";
}

TEST_F(TokenDoorTest, OneThatIsRememberedIsOverAllTheSame) {
  EXPECT_EQ(status(door_, request_), 200);
  clock_.advance(1000s - 1ms);
  EXPECT_EQ(status(door_, request_), 200);
  clock_.advance(1ms);
  EXPECT_EQ(status(door_, request_), 401);
  clock_.step_wall(-1500s);
  EXPECT_EQ(status(door_, request_), 401) << "its time has not come yet";
}

TEST_F(TokenDoorTest, OneThatIsRememberedIsForgottenWithTheKeyThatHasVerifiedIt) {
  EXPECT_EQ(status(door_, request_), 200);
  door_.set_keys(TokenKeys::from(kOther));
  EXPECT_EQ(status(door_, request_), 401);
  EXPECT_EQ(status(door_, with({{"Authorization", "Bearer " + Signer::hs256(kOther).sign(kClaims)}})), 200);
  door_.set_keys(TokenKeys::from(kSecret));
  EXPECT_EQ(status(door_, request_), 200);
}

TEST_F(TokenDoorTest, WhatIsRememberedIsBoundedAndAllAreLetInAllTheSame) {
  const Signer signer = Signer::hs256(kSecret);
  for (int i = 0; i < 20'000; ++i) {
    const std::string claims = R"({"tidings":{"read":["news"]},"sub":")" + std::to_string(i) + "\"}";
    ASSERT_EQ(status(door_, with({{"Authorization", "Bearer " + signer.sign(claims)}})), 200) << i;
  }
  EXPECT_LE(door_.known_tokens(), 16'384u);
  for (int i = 0; i < 3'000; ++i) {
    const std::string claims =
        R"({"tidings":{"read":["news"]},"sub":")" + std::to_string(i) + std::string(4'000, 'x') + "\"}";
    ASSERT_EQ(status(door_, with({{"Authorization", "Bearer " + signer.sign(claims)}})), 200) << i;
  }
  EXPECT_LE(door_.known_tokens(), 2'000u) << "of 5 KiB each";
}

TEST_F(TokenDoorTest, WhatIsRefusedIsNotRemembered) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(status(door_, with({{"Authorization", "Bearer " + std::to_string(i)}})), 401);
  EXPECT_EQ(door_.known_tokens(), 0u);
}

}  // namespace
}  // namespace tidings
