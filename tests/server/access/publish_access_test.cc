// Who may publish, decided by a request's head alone: no server, no socket.
#include "tidings/server/access/publish_access.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/http/answer.h"
#include "tidings/server/testing/manual_clock.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

Request from(std::string address, Request::Fields headers = {}) {
  Request request;
  request.remote_address = std::move(address);
  request.headers = std::move(headers);
  if (!request.header("Host")) request.headers.emplace_back("Host", "chat.example");
  return request;
}

class PublishDoorTest : public testing::Test {
 protected:
  // What the door says, or empty where it lets through.
  std::optional<Refusal> refusal(const Request& request, std::string_view channel) {
    try {
      door_.admit(request, channel);
      return std::nullopt;
    } catch (const Refusal& refusal) {
      return refusal;
    }
  }
  int status(const Request& request, std::string_view channel) {
    const auto refused = refusal(request, channel);
    return refused ? refused->status() : 200;
  }

  ManualClock clock_{Clock::WallTime(100s)};
  CorsPolicy cors_{{"https://allowed.example"}};
  PublishDoor door_{{.token = "secret", .open_channels = {"demo", "try"}}, cors_, clock_};
};

TEST_F(PublishDoorTest, WhoeverReachesTheServerMayPublishToAnOpenChannel) {
  EXPECT_EQ(status(from("127.0.0.1"), "demo"), 200);
  EXPECT_EQ(status(from("203.0.113.9", {{"X-Forwarded-For", "1.2.3.4"}}), "try"), 200);
}

// As nginx's plain proxy_pass, HAProxy and others pass it on: nothing shows that the client is far away.
TEST_F(PublishDoorTest, ToAnyOtherChannelNobodyMayWithoutTheTokenNotEvenThisMachine) {
  const Request plain = from("127.0.0.1", {{"Host", "localhost:9009"}});
  EXPECT_EQ(status(plain, "news"), 401);
  EXPECT_EQ(status(plain, "Demo"), 401);
  EXPECT_EQ(status(plain, "demo2"), 401);
  EXPECT_EQ(status(plain, ""), 401);
}

TEST_F(PublishDoorTest, TheTokenOpensEveryChannelFromAnywhere) {
  struct Row {
    const char* authorization;
    int status;
  };
  for (const Row& row : {Row{"Bearer secret", 200}, Row{"bearer secret", 200}, Row{"Bearer  secret", 200},
                         Row{"Bearer wrong!", 401}, Row{"Bearer secre", 401}, Row{"Bearer secrets", 401},
                         Row{"Bearer ", 401}, Row{"Bearer", 401}, Row{"Basic secret", 401}, Row{"secret", 401}}) {
    const Request request =
        from("203.0.113.9", {{"Authorization", row.authorization}, {"Origin", "https://elsewhere.example"}});
    EXPECT_EQ(status(request, "news"), row.status) << row.authorization;
  }
}

TEST_F(PublishDoorTest, APageMayPublishToAnOpenChannelOfItsOwnOriginBehindTlsToo) {
  struct Row {
    Request::Fields fields;
    int status;
  };
  for (const Row& row : {
           Row{{{"Host", "chat.example"}, {"Origin", "http://chat.example"}}, 200},
           Row{{{"Host", "chat.example"}, {"Origin", "https://chat.example"}}, 200},
           Row{{{"Host", "Chat.Example:9009"}, {"Origin", "http://chat.example:9009"}}, 200},
           Row{{{"Host", "chat.example:443"}, {"Origin", "https://chat.example"}}, 200},
           Row{{{"Host", "chat.example:80"}, {"Origin", "http://chat.example"}}, 200},
           Row{{{"Host", "[::1]:9009"}, {"Origin", "http://[::1]:9009"}}, 200},
           Row{{{"Host", "chat.example"}, {"Origin", "https://allowed.example"}}, 200},
           Row{{{"Host", "127.0.0.1:9009"}, {"Origin", "https://chat.example"}, {"Sec-Fetch-Site", "same-origin"}},
               200},
           Row{{{"Host", "127.0.0.1:9009"}, {"Origin", "https://chat.example"}}, 403},
           Row{{{"Host", "chat.example"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}, 403},
           Row{{{"Host", "chat.example"}, {"Origin", "http://chat.example:8080"}, {"Sec-Fetch-Site", "same-site"}},
               403},
           Row{{{"Host", "chat.example:80"}, {"Origin", "https://chat.example"}}, 403},
           Row{{{"Host", "chat.example"}, {"Origin", "null"}}, 403},
           Row{{{"Host", "chat.example"}, {"Origin", ""}}, 403},
           Row{{{"Host", "chat.example"}, {"Origin", "chat.example"}}, 403},
       }) {
    EXPECT_EQ(status(from("127.0.0.1", row.fields), "demo"), row.status) << row.fields.at(1).second;
  }
}

TEST_F(PublishDoorTest, WhatIsOpenIsLimitedInItsRateAndTheTokenIsNot) {
  int admitted = 0;
  while (admitted < 1000 && status(from("203.0.113.9"), "demo") == 200) ++admitted;
  EXPECT_EQ(admitted, 100);
  const auto refused = refusal(from("203.0.113.9"), "try");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status(), 429);
  EXPECT_EQ(problem(*refused).headers.at(0), (std::pair<std::string, std::string>("Retry-After", "1")));
  EXPECT_EQ(status(from("203.0.113.10"), "demo"), 200);
  EXPECT_EQ(status(from("203.0.113.9", {{"Authorization", "Bearer secret"}}), "demo"), 200);
  clock_.advance(1s);
  EXPECT_EQ(status(from("203.0.113.9"), "demo"), 200);
}

TEST_F(PublishDoorTest, WhoMayPublishIsHeldToTheRateByItsAddressWithTheTokenToo) {
  PublishDoor held(
      {.token = "secret", .open_channels = {"demo"}, .rate = RateLimit::Rate{.per_second = 0.5, .burst = 2}}, cors_,
      clock_);
  const Request::Fields token{{"Authorization", "Bearer secret"}};
  const auto retry_after = [&](const Request& request, std::string_view channel) -> std::string {
    try {
      held.admit(request, channel);
      return "";
    } catch (const Refusal& refusal) {
      return std::to_string(refusal.status()) + ' ' + problem(refusal).headers.at(0).second;
    }
  };
  EXPECT_EQ(retry_after(from("203.0.113.9", token), "news"), "");
  EXPECT_EQ(retry_after(from("203.0.113.9"), "demo"), "");
  EXPECT_EQ(retry_after(from("203.0.113.9", token), "other"), "429 2");
  EXPECT_EQ(retry_after(from("203.0.113.10", token), "other"), "");
  EXPECT_EQ(retry_after(from("2001:db8::1", token), "news"), "");
  EXPECT_EQ(retry_after(from("2001:db8::2", token), "news"), "");
  EXPECT_EQ(retry_after(from("2001:db8::3", token), "news"), "429 2") << "a network of 64 bits is one client";
  EXPECT_EQ(retry_after(from("2001:db8:0:1::1", token), "news"), "");
  clock_.advance(1001ms);
  EXPECT_EQ(retry_after(from("203.0.113.9", token), "news"), "429 1");
  clock_.advance(999ms);
  EXPECT_EQ(retry_after(from("203.0.113.9", token), "news"), "");
}

TEST_F(PublishDoorTest, ABearerThatHasANameCountsByThatWhereverItComesFrom) {
  PublishDoor held({.token = "secret", .rate = RateLimit::Rate{.per_second = 1, .burst = 1}}, cors_, clock_);
  const Grant ada{.publish = {"*"}, .bearer = "ada"}, nobody{.publish = {"*"}};
  EXPECT_NO_THROW(held.count(from("203.0.113.9"), &ada));
  EXPECT_THROW(held.count(from("203.0.113.10"), &ada), Refusal);
  EXPECT_NO_THROW(held.count(from("203.0.113.9"), &nobody)) << "that is another client";
  EXPECT_THROW(held.count(from("203.0.113.9"), nullptr), Refusal);
  const Grant named_so{.publish = {"*"}, .bearer = "203.0.113.9"};
  EXPECT_NO_THROW(held.count(from("203.0.113.9"), &named_so)) << "no name is an address";
}

TEST_F(PublishDoorTest, TheAdminsTokenIsNotForPublishingAndThePublishersNotForTheAdmin) {
  PublishDoor door({.token = "secret", .admin_token = "root"}, cors_, clock_);
  const Request admin = from("203.0.113.9", {{"Authorization", "Bearer root"}});
  EXPECT_TRUE(door.admits_admin(admin));
  EXPECT_THROW(door.admit(admin, "news"), Refusal);
  EXPECT_FALSE(door.admits_admin(from("203.0.113.9", {{"Authorization", "Bearer secret"}})));
  EXPECT_FALSE(door_.admits_admin(from("203.0.113.9", {{"Authorization", "Bearer secret"}})));
}

TEST_F(PublishDoorTest, WithoutATokenAndOpenChannelsNobodyPublishes) {
  PublishDoor closed({}, cors_, clock_);
  EXPECT_THROW(closed.admit(from("127.0.0.1"), "demo"), Refusal);
  EXPECT_THROW(closed.admit(from("127.0.0.1", {{"Authorization", "Bearer "}}), "demo"), Refusal);
}

TEST_F(PublishDoorTest, WhatIsNoTokenOrNoNameIsRefusedAtOnce) {
  for (const char* token : {"", " ", "two words", "ends with a line\n", "\xC3\xA9"}) {
    EXPECT_THROW(PublishDoor({.token = token}, cors_, clock_), std::invalid_argument) << token;
  }
  for (const char* name : {"", "a b", "a/b"}) {
    EXPECT_THROW(PublishDoor({.open_channels = {name}}, cors_, clock_), std::invalid_argument) << name;
  }
  EXPECT_THROW(PublishDoor({.admin_token = "two words"}, cors_, clock_), std::invalid_argument);
  EXPECT_THROW(PublishDoor({.token = "same", .admin_token = "same"}, cors_, clock_), std::invalid_argument)
      << "a publisher must not be able to delete";
  EXPECT_THROW(PublishDoor({.rate = RateLimit::Rate{.per_second = 0, .burst = 1}}, cors_, clock_),
               std::invalid_argument);
}

}  // namespace
}  // namespace tidings
