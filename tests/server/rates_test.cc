// How often clients open streams and publish: whom the server counts, what it refuses, and what its clients hear.
#include <gtest/gtest.h>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/rate_limit.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr RateLimit::Rate kRate{.per_second = 0.5, .burst = 2};

EventStream greeting(Request, Loop& loop) {
  co_yield Event("hello");
  co_await loop.sleep(1000h);
}

std::string follow(std::string_view target, std::string_view fields = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

std::string of(std::string_view address) { return "X-Forwarded-For: " + std::string(address) + "\r\n"; }

// Of a body that does not come.
std::string post(std::string_view channel, std::string_view fields) {
  return "POST /channels/" + std::string(channel) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: 100\r\n\r\n";
}

class RatesTest : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions options{.trusted_proxies = {"127.0.0.1", "unix"}, .threads = 1};
    options.opening_rate = kRate;
    options.cors_origins = {"https://allowed.example"};
    return options;
  }
  ClientResponse ask(std::string_view request) const {
    Client client = running_.connect();
    client.send(request);
    return client.head();
  }
  int status(std::string_view request) const { return ask(request).status; }

  std::atomic<int> asked_ = 0;  // the authorizer
  RunningServer running_{[this](Server& server) {
                           const auto may = [this](const Request& request) {
                             ++asked_;
                             if (!request.cookie("name")) throw Refusal(401, "Say who you are.");
                             return Grant{
                                 .read = {"*"}, .publish = {"*"}, .bearer = std::string(*request.cookie("name"))};
                           };
                           server.stream("/greeting", greeting, Authorizer(may));
                           server.serve_channels({.token = "secret", .rate = kRate}, {.publish = Authorizer(may)});
                         },
                         options()};
};

TEST_F(RatesTest, OneAddressOpensSoManyStreamsAndAnotherAsMany) {
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.1"))), 200);
  EXPECT_EQ(status(follow("/channels?name=a&name=b", of("192.0.2.1"))), 200);
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.1"))), 429);
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.2"))), 200);
  running_.pass(1999ms);
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.1"))), 429);
  running_.pass(1ms);
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.1"))), 200);
  EXPECT_EQ(status(follow("/channels/news", of("192.0.2.1"))), 429);
}

TEST_F(RatesTest, AnIpv6NetworkIsOneAddress) {
  EXPECT_EQ(status(follow("/channels/news", of("2001:db8:0:1::1"))), 200);
  EXPECT_EQ(status(follow("/channels/news", of("2001:db8:0:1::2"))), 200);
  EXPECT_EQ(status(follow("/channels/news", of("2001:db8:0:1:ffff::3"))), 429);
  EXPECT_EQ(status(follow("/channels/news", of("2001:db8:0:2::1"))), 200);
}

TEST_F(RatesTest, TheRefusalSaysHowLongToWaitAndPagesOfAllowedOriginsReadIt) {
  const std::string request = follow("/channels/news", of("192.0.2.1") + "Origin: https://allowed.example\r\n");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(status(request), 200);
  Client client = running_.connect();
  client.send(request);
  const ClientResponse refused = client.response();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "2");
  EXPECT_EQ(refused.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(refused.headers.at("access-control-allow-origin"), "https://allowed.example");
  EXPECT_EQ(refused.headers.at("access-control-expose-headers"), "Retry-After");
  EXPECT_NE(refused.body.find("Too many event streams are opened from this address"), std::string::npos);
}

TEST_F(RatesTest, WhoIsRefusedAnywayCountsTooAndNoAuthorizerIsAskedMoreOften) {
  for (int i = 0; i < 2; ++i) EXPECT_EQ(status(follow("/greeting", of("192.0.2.1"))), 401);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(follow("/greeting", of("192.0.2.1") + "Cookie: name=ada\r\n")), 429);
  EXPECT_EQ(asked_, 2);
  Client head = running_.connect();
  head.send("HEAD /channels/news HTTP/1.1\r\nHost: h\r\n" + of("192.0.2.1") + "\r\n");
  EXPECT_EQ(head.response(true).status, 429);
}

TEST_F(RatesTest, ABearerPublishesSoOftenFromWhereverItComes) {
  const auto publish = [&](std::string_view name, std::string_view address) {
    Client client = running_.connect();
    client.send(post("news", of(address) + "Cookie: name=" + std::string(name) + "\r\n"));
    client.send(std::string(100, 'x'));
    return client.response().status;
  };
  EXPECT_EQ(publish("ada", "192.0.2.1"), 200);
  EXPECT_EQ(publish("ada", "192.0.2.2"), 200);
  EXPECT_EQ(publish("ada", "192.0.2.3"), 429);
  EXPECT_EQ(publish("bob", "192.0.2.1"), 200);
  running_.pass(2s);
  EXPECT_EQ(publish("ada", "192.0.2.3"), 200);
}

TEST_F(RatesTest, APublicationIsRefusedBeforeItsBodyIsRead) {
  const std::string token = of("192.0.2.1") + "Authorization: Bearer secret\r\nExpect: 100-continue\r\n";
  for (int i = 0; i < 2; ++i) {
    Client client = running_.connect();
    client.send(post("news", token));
    EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(std::string(100, 'x'));
    EXPECT_EQ(client.response().status, 200);
  }
  Client client = running_.connect();
  client.send(post("news", token));
  const ClientResponse refused = client.response();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "2");
  EXPECT_EQ(running_.metric("tidings_published_events_total"), 2);
}

TEST(Rates, WhoComesByAUnixSocketIsOneClientUnlessItsProxyTellsThemApart) {
  std::string folder = "/tmp/tidings_rates_test.XXXXXX";  // the path of a socket is short
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  for (const bool is_trusted : {false, true}) {
    ServerOptions options{.tcp = false, .unix_sockets = {folder + "/socket"}, .threads = 1};
    options.opening_rate = RateLimit::Rate{.per_second = 1, .burst = 1};
    if (is_trusted) options.trusted_proxies = {"unix"};
    const RunningServer running([](Server& server) { server.serve_channels(); }, options);
    const auto status = [&](std::string_view address) {
      Client client(std::filesystem::path(folder + "/socket"));
      client.send(follow("/channels/news", of(address)));
      return client.head().status;
    };
    EXPECT_EQ(status("192.0.2.1"), 200);
    EXPECT_EQ(status("192.0.2.2"), is_trusted ? 200 : 429);
    EXPECT_EQ(status("192.0.2.2"), 429);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tidings
