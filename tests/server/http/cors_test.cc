// Pages of other origins: what a browser needs to be told, and what it must not be.
#include "tidings/server/http/cors.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tidings/server/http/answer.h"
#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream silent(Loop& loop) {
  co_await loop.sleep(24h);
  co_yield Event("");
}

constexpr std::string_view kListed = "Origin: https://example.org\r\n";
constexpr std::string_view kForeign = "Origin: https://evil.example\r\n";

class CorsTest : public testing::Test {
 protected:
  static void configure(Server& server) {
    server.get("/hello", [](const Request&) { return Answer{.body = "hello"}; });
    server.get("/own", [](const Request&) {
      return Answer{.body = {},
                    .headers = {{"vary", "Accept"}, {"access-control-allow-origin", "https://own.example"}}};
    });
    server.stream("/events", [](Request, Loop& loop) { return silent(loop); });
    server.stream("/refused", [](Request, Loop&) -> EventStream { throw Refusal(404, "Not here."); });
    server.stream("/failed", [](Request, Loop&) -> EventStream { throw 5; });
    server.serve_channels({.token = "secret"});
  }
  ClientResponse ask(std::string_view line, std::string_view fields, std::string_view body = {}) const {
    Client client = running_.connect();
    client.send(std::string(line) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n" + std::string(body));
    return client.head();
  }

  RunningServer running_{configure,
                         {.max_head_bytes = 4096,
                          .max_body_bytes = 1000,
                          .limits = {.max_streams = 1},
                          .cors_origins = {"https://example.org"}}};
};

TEST_F(CorsTest, OnlyListedOriginsMayReadAnswersAndStreams) {
  for (const char* line : {"GET /hello", "GET /events", "HEAD /events", "GET /nothing", "DELETE /hello"}) {
    const ClientResponse listed = ask(line, kListed);
    EXPECT_EQ(listed.headers.at("access-control-allow-origin"), "https://example.org") << line;
    EXPECT_EQ(listed.headers.at("access-control-expose-headers"), "Retry-After") << line;
    EXPECT_EQ(listed.headers.at("vary"), "Origin") << line;
    for (const std::string_view other : {kForeign, std::string_view()}) {
      const ClientResponse foreign = ask(line, other);
      EXPECT_EQ(foreign.headers.count("access-control-allow-origin"), 0u) << line;
      EXPECT_EQ(foreign.headers.at("vary"), "Origin") << line;
    }
  }
}

TEST_F(CorsTest, EveryRefusalCanBeReadByAPageOfAListedOrigin) {
  struct Row {
    std::string before, behind;  // the Origin field
    int status;
  };
  Client only = running_.open("/events");
  ASSERT_EQ(only.head().status, 200);
  const std::string host = "Host: h\r\n", get = "GET /hello HTTP/1.1\r\n", post = "POST /hello HTTP/1.1\r\n" + host;
  for (const Row& row : {
           Row{get, "\r\n", 400},
           Row{get, "Bad : field\r\n" + host + "\r\n", 400},
           Row{get + "Bad : field\r\n", host + "\r\n", 400},
           Row{get, "Host: h\n", 400},
           Row{"GET /hello HTTP/3.0\r\n", host + "\r\n", 505},
           Row{get, "Long: " + std::string(5000, 'x') + "\r\n", 431},
           Row{post, "Expect: a word\r\n\r\n", 417},
           Row{post, "Transfer-Encoding: gzip\r\n\r\n", 501},
           Row{post, "Content-Encoding: gzip\r\n\r\n", 415},
           Row{post + "Content-Encoding: gzip\r\n", "\r\n", 415},
           Row{post, "Content-Length: 1001\r\n\r\n", 413},
           Row{post, "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413},
           Row{post, "Content-Length: 1\r\n\r\nx", 405},
           Row{"BREW /hello HTTP/1.1\r\n" + host, "\r\n", 501},
           Row{"GET /nothing HTTP/1.1\r\n" + host, "\r\n", 404},
           Row{"GET /refused HTTP/1.1\r\n" + host, "\r\n", 503},
           Row{"GET /events?heartbeat=loud HTTP/1.1\r\n" + host, "\r\n", 400},
           Row{"POST /channels/news HTTP/1.1\r\n" + host, "Content-Length: 1\r\n\r\nx", 401},
       }) {
    Client client = running_.connect();
    client.send(row.before + std::string(kListed) + row.behind);
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, row.status) << row.before << row.behind;
    EXPECT_EQ(response.headers.count("access-control-allow-origin"), 1u) << row.before << row.behind;
  }
  only.close();
  ASSERT_TRUE(running_.reaches("tidings_streams", 0));
  for (const char* path : {"/refused", "/failed", "/channels/!!"}) {
    const ClientResponse response = ask("GET " + std::string(path), kListed);
    EXPECT_GE(response.status, 400) << path;
    EXPECT_EQ(response.headers.count("access-control-allow-origin"), 1u) << path;
  }
}

TEST_F(CorsTest, WhatComesTooLateIsRefusedReadably) {
  Client head = running_.connect(), body = running_.connect();
  head.send("GET /hello HTTP/1.1\r\nHost: h\r\n" + std::string(kListed) + "X");
  body.send("POST /channels/news HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret\r\n" + std::string(kListed) +
            "Content-Length: 9\r\n\r\nabc");
  ASSERT_TRUE(running_.reaches("tidings_connections", 2));
  ASSERT_TRUE(running_.reaches_in_steps(5s, "tidings_refused_requests_total", 2));
  for (Client* client : {&head, &body}) {
    const ClientResponse response = client->response();
    EXPECT_EQ(response.status, 408);
    EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://example.org");
  }
}

TEST_F(CorsTest, APreflightLetsThroughWhatIsAskedForAndSaysEachFieldOnce) {
  const ClientResponse answer =
      ask("OPTIONS /events", std::string(kListed) +
                                 "Access-Control-Request-Method: GET\r\n"
                                 "Access-Control-Request-Headers: authorization,datastar-request,hx-request\r\n");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.headers.at("vary"), "Origin");
  EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://example.org");
  EXPECT_EQ(answer.headers.at("access-control-allow-methods"), "GET, HEAD");
  EXPECT_EQ(answer.headers.at("access-control-allow-headers"), "authorization,datastar-request,hx-request");
  const ClientResponse without =
      ask("OPTIONS /events", std::string(kListed) + "Access-Control-Request-Method: GET\r\n");
  EXPECT_EQ(without.status, 204);
  EXPECT_EQ(without.headers.count("access-control-allow-headers"), 0u);
}

TEST_F(CorsTest, APreflightThatAsksForNoNamesOrTooManyIsRefused) {
  for (const std::string& names : {std::string("a b"), std::string("a,,b"), std::string(1025, 'x')}) {
    const std::string asking = "Access-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: " + names;
    EXPECT_EQ(ask("OPTIONS /events", std::string(kListed) + asking + "\r\n").status, 400) << names;
  }
}

TEST_F(CorsTest, AnOriginThatIsNotListedGetsNoPreflight) {
  const std::string asking = "Access-Control-Request-Method: GET\r\n";
  const ClientResponse answer = ask("OPTIONS /events", std::string(kForeign) + asking);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.count("access-control-allow-origin"), 0u);
}

TEST_F(CorsTest, APageMayPublishWithAToken) {
  const ClientResponse preflight =
      ask("OPTIONS /channels/news", std::string(kListed) +
                                        "Access-Control-Request-Method: POST\r\n"
                                        "Access-Control-Request-Headers: authorization\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.at("access-control-allow-methods"), "DELETE, GET, HEAD, POST");
  EXPECT_EQ(preflight.headers.at("access-control-allow-headers"), "authorization");
  const ClientResponse published =
      ask("POST /channels/news", std::string(kListed) + "Authorization: Bearer secret\r\nContent-Length: 1\r\n", "x");
  EXPECT_EQ(published.status, 200);
  EXPECT_EQ(published.headers.at("access-control-allow-origin"), "https://example.org");
}

TEST_F(CorsTest, WhatAHandlerSaysItselfStandsOnce) {
  const ClientResponse answer = ask("GET /own", kListed);
  EXPECT_EQ(answer.headers.at("vary"), "Accept, Origin");
  EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "https://example.org");
}

TEST(Cors, WithoutAListNothingIsSaid) {
  RunningServer running(
      [](Server& server) { server.get("/hello", [](const Request&) { return Answer{.body = "hello"}; }); });
  Client client = running.connect();
  client.send("GET /hello HTTP/1.1\r\nHost: h\r\nOrigin: https://example.org\r\n\r\n");
  const ClientResponse response = client.response();
  EXPECT_EQ(response.headers.count("access-control-allow-origin"), 0u);
  EXPECT_EQ(response.headers.count("vary"), 0u);
}

TEST(Cors, AStarAllowsEveryOriginWithoutCredentials) {
  const CorsPolicy policy({"*"});
  EXPECT_TRUE(policy.allows("https://example.org"));
  for (const auto& [name, value] : policy.fields("https://example.org")) {
    EXPECT_NE(name, "Access-Control-Allow-Credentials");
    if (name == "Access-Control-Allow-Origin") {
      EXPECT_EQ(value, "*");
    }
  }
}

TEST(Cors, AnOriginIsTakenAsPeopleWriteItAndMatchedAsBrowsersSendIt) {
  struct Row {
    const char* written;
    const char* sent;
  };
  for (const Row& row : {
           Row{"https://example.org", "https://example.org"},
           Row{"https://example.org/", "https://example.org"},
           Row{"HTTPS://Example.ORG", "https://example.org"},
           Row{"https://Example.org:443/", "https://example.org"},
           Row{"http://example.org:80", "http://example.org"},
           Row{"http://example.org:443", "http://example.org:443"},
           Row{"http://localhost:08080", "http://localhost:8080"},
           Row{"https://example.org:", "https://example.org"},
           Row{"http://127.0.0.1:9009", "http://127.0.0.1:9009"},
           Row{"http://[0:0::1]:80", "http://[::1]"},
           Row{"chrome-extension://abcdef", "chrome-extension://abcdef"},
           Row{"https://a_b.example", "https://a_b.example"},
       }) {
    const CorsPolicy policy({row.written});
    EXPECT_TRUE(policy.allows(row.sent)) << row.written << " is " << as_browsers_send(row.written);
    EXPECT_FALSE(policy.allows("https://evil.example")) << row.written;
  }
}

TEST(Cors, WhatCantBeAnOriginIsASentenceAtTheStart) {
  for (const char* wrong : {"",
                            "example.org",
                            "//example.org",
                            "://example.org",
                            "https://",
                            "https:///",
                            "https://example.org/page",
                            "https://example.org?x",
                            "https://example.org#x",
                            "https://me@example.org",
                            "https://example.org:0",
                            "https://example.org:65536",
                            "https://example.org:x",
                            "https://exämple.org",
                            "https://a b",
                            "https://*.example.org",
                            "http://[::1",
                            "http://[::x]",
                            "http://127.1",
                            "http://127.0.0.256"}) {
    try {
      Server server({.port = 0, .cors_origins = {wrong}});
      FAIL() << wrong;
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find("such as https://example.org"), std::string::npos) << wrong;
    }
  }
}

}  // namespace
}  // namespace tidings
