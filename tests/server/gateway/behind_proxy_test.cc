// The server behind a proxy of this machine, which the tests play: whose word counts where, for limits and rules.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/server.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

EventStream silent(Request, Loop& loop) {
  co_await loop.sleep(std::chrono::hours(24));
  co_yield Event("");
}

Answer who(const Request& request) {
  static constexpr const char* kSchemes[] = {"unknown", "http", "https"};
  return {.body = request.remote_address + ' ' + kSchemes[static_cast<int>(request.scheme)] + ' ' +
                  std::string(request.header("Host").value_or("none"))};
}

class BehindProxyTest : public testing::Test {
 protected:
  static ServerOptions trusting(std::vector<std::string> proxies) {
    return {.trusted_proxies = std::move(proxies), .limits = {.max_streams_per_client = 1}};
  }

  RunningServer server(std::vector<std::string> trusted) {
    return RunningServer(
        [](Server& server) {
          server.get("/who", who);
          server.post("/who", who);
          server.stream("/silent", silent);
          server.serve_channels({.open_channels = {"demo"}, .open_rate = {.each = {.per_second = 1, .burst = 1}}});
        },
        trusting(std::move(trusted)));
  }

  static std::string with(std::string_view request_line, std::string_view fields, std::string_view body = {}) {
    std::string request = std::string(request_line) + " HTTP/1.1\r\nHost: inner.example\r\n" + std::string(fields);
    if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return request + "\r\n" + std::string(body);
  }
  static ClientResponse ask(const RunningServer& running, const std::string& request) {
    Client client = running.connect();
    client.send(request);
    return client.response();
  }
};

constexpr std::string_view kFromFar =
    "X-Forwarded-For: 192.0.2.1, 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example\r\n";

TEST_F(BehindProxyTest, ATrustedProxySaysWhoTheClientIsAndWhatItAskedFor) {
  const RunningServer running = server({"127.0.0.0/8"});
  EXPECT_EQ(ask(running, with("GET /who", kFromFar)).body, "203.0.113.9 https chat.example");
  EXPECT_EQ(ask(running, with("POST /who", kFromFar, "body")).body, "203.0.113.9 https chat.example");
  EXPECT_EQ(ask(running, with("GET /who", "Forwarded: for=\"[2001:db8::17]:4711\"\r\n")).body,
            "2001:db8::17 unknown inner.example");
  EXPECT_EQ(ask(running, with("GET /who", "")).body, "127.0.0.1 unknown inner.example");
}

TEST_F(BehindProxyTest, WhoIsNotTrustedSpeaksForItselfAlone) {
  for (const std::vector<std::string>& trusted :
       std::vector<std::vector<std::string>>{{}, {"10.0.0.0/8", "::/0", "unix"}}) {
    const RunningServer running = server(trusted);
    EXPECT_EQ(ask(running, with("GET /who", kFromFar)).body, "127.0.0.1 unknown inner.example");
    EXPECT_EQ(ask(running, with("GET /who", "Forwarded: garbage\r\nX-Forwarded-For: garbage\r\n")).body,
              "127.0.0.1 unknown inner.example");
  }
}

TEST_F(BehindProxyTest, EachRequestOfAConnectionHasAClientOfItsOwn) {
  const RunningServer running = server({"127.0.0.1"});
  Client proxy = running.connect();
  for (const std::string address : {"203.0.113.9", "203.0.113.10", "2001:db8::1"}) {
    proxy.send(with("GET /who", "X-Forwarded-For: " + address + "\r\n"));
    EXPECT_EQ(proxy.response().body, address + " unknown inner.example");
  }
}

TEST_F(BehindProxyTest, StreamsAreCountedForEachClient) {
  const RunningServer running = server({"127.0.0.1"});
  std::vector<Client> streams;
  const auto open = [&](const std::string& fields) {
    streams.push_back(running.connect());
    streams.back().send(with("GET /silent", fields));
    return streams.back().head().status;
  };
  EXPECT_EQ(open("X-Forwarded-For: 203.0.113.9\r\n"), 200);
  EXPECT_EQ(open("X-Forwarded-For: 203.0.113.10\r\n"), 200);
  EXPECT_EQ(open("X-Forwarded-For: 192.0.2.1, 203.0.113.9\r\n"), 503);
  EXPECT_EQ(open("Forwarded: for=203.0.113.9\r\n"), 503);
  EXPECT_EQ(open(""), 200) << "the proxy itself is another client";
}

TEST_F(BehindProxyTest, OpenChannelsAreHeldToARateForEachClient) {
  const RunningServer running = server({"127.0.0.1"});
  const auto publish = [&](const std::string& fields) {
    return ask(running, with("POST /channels/demo", fields, "hello")).status;
  };
  EXPECT_EQ(publish("X-Forwarded-For: 203.0.113.9\r\n"), 200);
  EXPECT_EQ(publish("X-Forwarded-For: 203.0.113.9\r\n"), 429);
  EXPECT_EQ(publish("X-Forwarded-For: 203.0.113.10\r\n"), 200);
}

TEST_F(BehindProxyTest, APagesOriginIsComparedWithWhatItAskedTheProxyFor) {
  const RunningServer running = server({"127.0.0.1"});
  int number = 0;  // each a client of its own, for the rate
  const auto publish = [&](const std::string& origin, const std::string& fields) {
    const std::string client = "X-Forwarded-For: 203.0.113." + std::to_string(++number) + "\r\n";
    return ask(running, with("POST /channels/demo", client + "Origin: " + origin + "\r\n" + fields, "hello")).status;
  };
  const std::string asked = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example\r\n";
  EXPECT_EQ(publish("https://chat.example", asked), 200);
  EXPECT_EQ(publish("http://chat.example", asked), 403);
  EXPECT_EQ(publish("https://evil.example", asked), 403);
  EXPECT_EQ(publish("https://inner.example", asked), 403);
  EXPECT_EQ(publish("https://inner.example", "X-Forwarded-Proto: https\r\n"), 200);
  EXPECT_EQ(publish("http://inner.example", "X-Forwarded-Proto: https\r\n"), 403);
}

TEST_F(BehindProxyTest, AHostThatNobodyTrustedSaysIsNoReasonToBelieveAPage) {
  const RunningServer running = server({"10.0.0.0/8"});
  const std::string fields = "Origin: https://chat.example\r\n" + std::string(kFromFar);
  EXPECT_EQ(ask(running, with("POST /channels/demo", fields, "hello")).status, 403);
}

// A quick route, one of a worker, a stream, and a head that is judged before its body has come.
TEST_F(BehindProxyTest, AWordThatCannotBeReadIsRefusedOnEveryWay) {
  const RunningServer running = server({"127.0.0.1"});
  const std::string garbage = "X-Forwarded-For: garbage\r\nOrigin: https://chat.example\r\n";
  for (const std::string& request :
       {with("GET /who", garbage), with("GET /silent", garbage), with("POST /channels/demo", garbage, "hello"),
        with("POST /who", garbage + "Content-Length: 100000\r\n"), with("GET /nothing", garbage)}) {
    Client client = running.connect();
    client.send(request);
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, 400) << request;
    EXPECT_NE(response.body.find("The X-Forwarded-For field of a trusted proxy can't be read"), std::string::npos);
    client.finish();
    EXPECT_TRUE(client.is_ended());
  }
}

class ProxyProtocolTest : public BehindProxyTest {
 protected:
  static RunningServer speaking(std::vector<std::string> trusted) {
    ServerOptions options = trusting(std::move(trusted));
    options.proxy_protocol = true;
    return RunningServer(
        [](Server& server) {
          server.get("/who", who);
          server.post("/who", who);
          server.stream("/silent", silent);
        },
        std::move(options));
  }
};

const std::string kText = "PROXY TCP4 203.0.113.9 10.0.0.1 51966 443\r\n";
// The same in binary.
const std::string kBinary("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xCB\0\x71\x09\x0A\0\0\x01\xCA\xFE\x01\xBB", 28);

TEST_F(ProxyProtocolTest, WhatATrustedProxySaysBeforeTheFirstRequestCountsForAllOfTheConnection) {
  const RunningServer running = speaking({"127.0.0.1"});
  for (const std::string& header : {kText, kBinary}) {
    Client client = running.connect();
    client.send(header + with("GET /who", ""));
    EXPECT_EQ(client.response().body, "203.0.113.9 unknown inner.example");
    client.send(with("POST /who", "", "body"));
    EXPECT_EQ(client.response().body, "203.0.113.9 unknown inner.example");
  }
}

TEST_F(ProxyProtocolTest, AHeaderMayComeInPieces) {
  const RunningServer running = speaking({"127.0.0.1"});
  for (const std::string& header : {kText, kBinary}) {
    Client client = running.connect();
    for (const char byte : header + with("GET /who", "")) client.send(std::string(1, byte));
    EXPECT_EQ(client.response().body, "203.0.113.9 unknown inner.example");
  }
}

TEST_F(ProxyProtocolTest, AProxyThatSpeaksForItselfIsItself) {
  const RunningServer running = speaking({"127.0.0.1"});
  EXPECT_EQ(ask(running, "PROXY UNKNOWN\r\n" + with("GET /who", "")).body, "127.0.0.1 unknown inner.example");
}

TEST_F(ProxyProtocolTest, ForwardingFieldsCountWhereTheOneThatItNamesIsTrustedToo) {
  const RunningServer running = speaking({"127.0.0.1", "203.0.113.0/24"});
  EXPECT_EQ(ask(running, kText + with("GET /who", "X-Forwarded-For: 192.0.2.7\r\n")).body,
            "192.0.2.7 unknown inner.example");
  const RunningServer alone = speaking({"127.0.0.1"});
  EXPECT_EQ(ask(alone, kText + with("GET /who", kFromFar)).body, "203.0.113.9 unknown inner.example");
}

TEST_F(ProxyProtocolTest, StreamsAreCountedForWhomItNames) {
  const RunningServer running = speaking({"127.0.0.1"});
  Client first = running.connect(), second = running.connect();
  first.send(kText + with("GET /silent", ""));
  EXPECT_EQ(first.head().status, 200);
  second.send(kBinary + with("GET /silent", ""));
  EXPECT_EQ(second.head().status, 503);
}

TEST_F(ProxyProtocolTest, WithoutAHeaderWhereOneIsDueTheConnectionIsClosedWithoutAWord) {
  const RunningServer running = speaking({"127.0.0.1"});
  for (const std::string& bytes : {with("GET /who", ""), std::string("PROXY TCP4 nobody\r\n"),
                                   std::string("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0", 16), std::string(10'000, 'x')}) {
    Client client = running.connect();
    client.send(bytes);
    EXPECT_TRUE(client.is_ended()) << bytes.substr(0, 30);
  }
}

TEST_F(ProxyProtocolTest, AHeaderThatDoesNotComeToItsEndHasTheTimeOfAHead) {
  RunningServer running = speaking({"127.0.0.1"});
  Client silent = running.connect(), slow = running.connect();
  slow.send("PROXY TCP4 203.0.113.9");
  ASSERT_TRUE(running.reaches("tidings_connections", 2));
  ASSERT_TRUE(running.settles());  // a connection is counted before its ten seconds begin
  running.pass(std::chrono::seconds(30));
  EXPECT_TRUE(silent.is_ended());
  EXPECT_TRUE(slow.is_ended());
}

TEST_F(ProxyProtocolTest, AHeaderWhereNoneIsDueIsRefused) {
  const RunningServer untrusting = speaking({"10.0.0.0/8"}), off = server({"127.0.0.1"}),
                      twice = speaking({"127.0.0.1"});
  for (const RunningServer* running : {&untrusting, &off, &twice}) {
    for (const std::string& header : {kText, kBinary}) {
      Client client = running->connect();
      client.send((running == &twice ? kText : "") + header + with("GET /who", kFromFar));
      const ClientResponse response = client.response();
      EXPECT_EQ(response.status, 400);
      EXPECT_EQ(response.body.find("203.0.113.9"), std::string::npos);
      if (header == kText) {
        EXPECT_NE(response.body.find("PROXY protocol"), std::string::npos) << response.body;
      }
    }
  }
}

// What holds for a head holds behind a header too.
TEST_F(ProxyProtocolTest, WhatFollowsAHeaderIsReadAsStrictlyAsWithoutOne) {
  const RunningServer running = speaking({"127.0.0.1"});
  struct Row {
    std::string request;
    int status;
  };
  for (const Row& row :
       {Row{"GET /who HTTP/1.1\nHost: h\r\n\r\n", 400}, Row{"GET /who HTTP/1.1\r\n\r\n", 400},
        Row{"GET /who HTTP/1.1\r\nHost: h\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431},
        Row{"POST /who HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400}}) {
    EXPECT_EQ(ask(running, kText + row.request).status, row.status) << row.request.substr(0, 40);
  }
}

}  // namespace
}  // namespace tidings
