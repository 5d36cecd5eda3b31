// What a request's head is enough to refuse is refused before the body is read, and what is being read is bounded.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

constexpr std::string_view kToken = "Authorization: Bearer secret\r\n";

std::string head(std::string_view target, std::size_t length, std::string_view fields) {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

class AdmissionTest : public testing::Test {
 protected:
  static void configure(Server& server) {
    server.get("/hello", [](const Request&) { return Answer{.body = "hello"}; });
    server.serve_channels({.token = "secret",
                           .open_channels = {"demo"},
                           .open_rate = {.each = {.per_second = 1, .burst = 1}, .all = {.per_second = 1, .burst = 1}}});
  }
  Client send(std::string_view bytes) {
    Client client = running_.connect();
    client.send(bytes);
    return client;
  }

  // One that has sent so much of its body, and the server has read it: its loop answers in the order of what comes.
  Client unfinished(std::size_t length, std::size_t sent) {
    Client client = send(head("/channels/news", length, std::string(kToken) + "Expect: 100-continue\r\n"));
    EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(std::string(sent, 'x'));
    EXPECT_EQ(running_.open("/hello").response().status, 200);
    return client;
  }

  RunningServer running_{configure, {.threads = 1, .max_collecting_bytes = 20'000}};
};

TEST_F(AdmissionTest, WhatTheHeadTellsIsRefusedThoughTheBodyDoesNotCome) {
  struct Row {
    std::string head;
    int status;
  };
  EXPECT_EQ(send(head("/channels/demo", 1, "") + "x").response().status, 200);
  for (const Row& row : {
           Row{head("/channels/news", 100, ""), 401},
           Row{head("/channels/news", 100, "Transfer-Encoding: chunked\r\n"), 400},
           Row{head("/channels/demo", 100, "Origin: https://evil.example\r\n"), 403},
           Row{head("/channels/demo", 100, ""), 429},
           Row{head("/channels/a%20b", 100, kToken), 400},
           Row{head("/channels/news?event=gap", 100, kToken), 400},
           Row{head("/nowhere", 100, kToken), 404},
           Row{head("/hello", 100, kToken), 405},
           Row{head("/channels/news", 100'000'000, kToken), 413},
           Row{head("/channels/news", 100, std::string(kToken) + "Content-Encoding: gzip\r\n"), 415},
       }) {
    Client client = send(row.head + "half");
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, row.status) << row.head;
    EXPECT_EQ(response.headers.at("connection"), "close") << row.head;
    EXPECT_EQ(response.headers.count("retry-after"), row.status == 429 ? 1u : 0u);
  }
  EXPECT_EQ(running_.metric("tidings_requests_total"), 1);
}

TEST_F(AdmissionTest, ARefusalComesInsteadOfTheContinueThatIsWaitedFor) {
  Client client = send(head("/channels/news", 100, "Expect: 100-continue\r\n"));
  EXPECT_EQ(client.response().status, 401);
  Client admitted = send(head("/channels/news", 1, std::string(kToken) + "Expect: 100-continue\r\n"));
  EXPECT_EQ(admitted.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  admitted.send("x");
  EXPECT_EQ(admitted.response().status, 200);
}

TEST_F(AdmissionTest, ARequestIsAdmittedOnceHoweverItsBodyComes) {
  Client client = send(head("/channels/demo", 2, ""));
  client.send("x");
  client.send("y");
  EXPECT_EQ(client.response().status, 200) << "the rate allows one";
  client.send(head("/channels/demo", 2, ""));
  EXPECT_EQ(client.response().status, 429);
}

TEST_F(AdmissionTest, WhatHasComeInPartIsBoundedInSum) {
  Client first = unfinished(9000, 8000);
  Client second = unfinished(20'000, 15'000);
  const ClientResponse refused = second.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.count("retry-after"), 1u);
  first.send(std::string(1000, 'x'));
  EXPECT_EQ(first.response().status, 200);
  Client third = unfinished(9000, 8000);
  third.send(std::string(1000, 'x'));
  EXPECT_EQ(third.response().status, 200) << "places come back";
}

TEST_F(AdmissionTest, WhoFillsWhatMayBeCollectedLocksOutNobodyElse) {
  Client large = unfinished(20'000, 12'000);
  Client another = unfinished(9000, 7900);
  Client small = unfinished(1000, 200);
  small.send(std::string(800, 'x'));
  EXPECT_EQ(small.response().status, 200);
}

TEST_F(AdmissionTest, ABodyWhereNoneIsTakenIsRefusedUnread) {
  for (const char* method : {"GET", "HEAD"}) {
    Client client = send(std::string(method) + " /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    EXPECT_EQ(client.response(std::string_view(method) == "HEAD").status, 400) << method;
  }
}

TEST_F(AdmissionTest, WhatComesWholeAtATimeIsNotKept) {
  Client first = unfinished(13'000, 12'000);
  EXPECT_EQ(send(head("/channels/news", 10'000, kToken) + std::string(10'000, 'x')).response().status, 200);
  first.send(std::string(1000, 'x'));
  EXPECT_EQ(first.response().status, 200);
}

TEST_F(AdmissionTest, WhoLeavesInTheMidstOfABodyGivesItsBytesBack) {
  for (int i = 0; i < 20; ++i) {
    unfinished(9000, 8000).reset();
    ASSERT_TRUE(running_.reaches("tidings_connections", 0));
  }
  Client last = unfinished(9000, 8000);
  last.send(std::string(1000, 'x'));
  EXPECT_EQ(last.response().status, 200);
}

}  // namespace
}  // namespace tidings
