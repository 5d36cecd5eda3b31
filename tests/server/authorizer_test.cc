// Who may, decided by the application: at once, later from another thread, too late, or never; until when; and what the
// client gets of it.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kEndedGrants = "tidings_ended_streams_total{reason=\"grant_over\"}";

// An authorizer that leaves what it has to answer for the test.
class Left {
 public:
  LaterAuthorizer authorizer() {
    return [this](const Request&, GrantReply reply) {
      ++asked;
      reply_.set_value(std::make_unique<GrantReply>(std::move(reply)));
    };
  }
  // Waits until it has been asked.
  std::unique_ptr<GrantReply> take() {
    std::unique_ptr<GrantReply> reply = reply_.get_future().get();
    reply_ = {};
    return reply;
  }
  std::atomic<int> asked = 0;

 private:
  std::promise<std::unique_ptr<GrantReply>> reply_;
};

template <class Said>
void say(std::unique_ptr<GrantReply> reply, const Said& said) {
  std::thread([&] { std::move (*reply)(said); }).join();
}

std::string post(std::string_view channel, std::string_view body, std::string_view fields = "") {
  return "POST /channels/" + std::string(channel) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string get_as(std::string_view guest, std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\nCookie: guest=" + std::string(guest) + "\r\n\r\n";
}

EventStream greeting(Request, Loop& loop) {
  co_yield Event("hello");
  co_await loop.sleep(1000h);
}

Grant by_cookie(const Request& request) {
  const std::string_view cookie = request.header("Cookie").value_or("");
  if (cookie == "guest=ada") return {.read = {"news", "rooms.*"}, .publish = {"rooms.ada"}};
  if (cookie == "guest=fails") throw std::runtime_error("as it should");
  throw Refusal(401, "Sign in first.");
}

class AuthorizerTest : public testing::Test {
 protected:
  Client ask(std::string_view bytes) {
    Client client = running_.connect();
    client.send(bytes);
    return client;
  }

  Left left_;
  RunningServer running_{[this](Server& server) {
                           server.stream("/greeting", greeting, Authorizer(by_cookie));
                           server.stream("/later", greeting, left_.authorizer());
                           server.serve_channels({.token = "secret", .open_channels = {"demo"}},
                                                 {.read = Authorizer(by_cookie), .publish = Authorizer(by_cookie)});
                         },
                         {.threads = 1, .workers = 1}};
};

TEST_F(AuthorizerTest, AGrantSaysWhichChannelsAreReadAndToWhichIsPublished) {
  struct Row {
    std::string request;
    int status;
  };
  const std::string ada = "Cookie: guest=ada\r\n";
  for (const Row& row : {
           Row{get_as("ada", "/channels/news"), 200},
           Row{get_as("ada", "/channels/rooms.one"), 200},
           Row{get_as("ada", "/channels?name=news&name=rooms.two"), 200},
           Row{get_as("ada", "/channels/secrets"), 403},
           Row{get_as("ada", "/channels?name=news&name=secrets"), 403},
           Row{get_as("ada", "/channels/news?nonsense=1"), 400},
           Row{get_as("eve", "/channels/news"), 401},
           Row{get_as("fails", "/channels/news"), 500},
           Row{get_as("ada", "/greeting"), 200},
           Row{get_as("eve", "/greeting"), 401},
           Row{post("rooms.ada", "x", ada), 200},
           Row{post("rooms.eve", "x", ada), 403},
           Row{post("news", "x", ada), 403},
           Row{post("news", "x", "Cookie: guest=eve\r\n"), 401},
           Row{post("news", "x", "Authorization: Bearer secret\r\n"), 200},
           Row{post("demo", "x"), 200},
           Row{post("demo", "x", "Origin: https://evil.example\r\n"), 403},
       }) {
    EXPECT_EQ(ask(row.request).head().status, row.status) << row.request;
  }
}

TEST_F(AuthorizerTest, ARefusalIsTheClientsAnswerWithWhatItAsksFor) {
  const ClientResponse response = ask(get_as("eve", "/channels/news")).response();
  EXPECT_EQ(response.headers.at("www-authenticate"), "Bearer realm=\"tidings\"");
  EXPECT_NE(response.body.find("Sign in first."), std::string::npos);
}

TEST_F(AuthorizerTest, AGrantFromAnotherThreadBeginsTheStreamAndNoWorkerWaitsForIt) {
  Client client = ask(get("/later"));
  std::unique_ptr<GrantReply> reply = left_.take();
  EXPECT_EQ(ask(get_as("ada", "/greeting")).head().status, 200);  // by the one worker that there is
  say(std::move(reply), Grant{});
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "hello");
  EXPECT_EQ(left_.asked, 1);
}

TEST_F(AuthorizerTest, ARefusalFromAnotherThreadLeavesTheConnectionOpen) {
  Client client = ask(get("/later"));
  say(left_.take(), Refusal(403, "Not you."));
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(response.body.find("Not you."), std::string::npos);
  client.send(get_as("ada", "/greeting"));
  EXPECT_EQ(client.head().status, 200);
}

TEST_F(AuthorizerTest, OneWhoDropsTheQuestionAnswersItWithA500) {
  Client client = ask(get("/later"));
  left_.take();
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("Whoever was to decide about this request has not."), std::string::npos);
}

TEST_F(AuthorizerTest, WhoHearsNothingInTimeIsRefusedAndAGrantAfterThatMeansNothing) {
  Client client = ask(get("/later"));
  std::unique_ptr<GrantReply> reply = left_.take();
  EXPECT_EQ(ask(get_as("eve", "/greeting")).response().status, 401);  // so the loop knows that the answer comes later
  running_.pass(60s);
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.count("retry-after"), 1u);
  say(std::move(reply), Grant{});
  EXPECT_TRUE(client.is_ended());
  EXPECT_TRUE(running_.reaches("tidings_streams", 0));
}

TEST_F(AuthorizerTest, WhoHasLeftMeanwhileGetsNoStream) {
  Client client = ask(get("/later"));
  std::unique_ptr<GrantReply> reply = left_.take();
  client.reset();
  EXPECT_TRUE(running_.reaches("tidings_connections", 0));
  say(std::move(reply), Grant{});
  Client ada = ask(get_as("ada", "/greeting"));
  EXPECT_EQ(ada.head().status, 200);
  EXPECT_TRUE(running_.reaches("tidings_streams", 1));
}

TEST_F(AuthorizerTest, AGrantThatComesAfterTheServerHasGoneHarmsNothing) {
  RunningServer running([this](Server& server) { server.stream("/later", greeting, left_.authorizer()); },
                        {.threads = 1, .stop_timeout = 1ms});
  Client client = running.open("/later");
  std::unique_ptr<GrantReply> reply = left_.take();
  running.stop();
  say(std::move(reply), Grant{});
}

TEST_F(AuthorizerTest, AStreamEndsWithItsGrantWithAWordAndWithoutALastChunk) {
  Client client = ask(get("/later"));
  say(left_.take(), Grant{.until = running_.clock().wall_now() + 10min});
  EXPECT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "hello");
  running_.pass(10min - 1ms);
  EXPECT_EQ(running_.metric(kEndedGrants), 0);
  EXPECT_EQ(running_.metric("tidings_streams"), 1);
  running_.pass(1ms);
  EXPECT_TRUE(client.until("retry: ").ends_with(": the grant has ended\nretry: "));
  EXPECT_TRUE(running_.reaches_in_steps(100ms, kEndedGrants, 1));
  EXPECT_EQ(running_.metric("tidings_streams"), 0);
  client.rest();
  EXPECT_FALSE(client.has_whole_body());
}

TEST_F(AuthorizerTest, AGrantOfMoreThanADayEndsWhenItDoes) {
  Client client = ask(get("/later"));
  say(left_.take(), Grant{.until = running_.clock().wall_now() + 50h});
  EXPECT_EQ(client.head().status, 200);
  running_.pass(24h);
  running_.pass(24h);
  EXPECT_EQ(running_.metric(kEndedGrants), 0);
  running_.pass(2h);
  EXPECT_TRUE(running_.reaches_in_steps(100ms, kEndedGrants, 1));
}

TEST_F(AuthorizerTest, AGrantThatIsOverAlreadyEndsTheStreamAtOnce) {
  Client client = ask(get("/later"));
  say(left_.take(), Grant{.until = Clock::WallTime::min()});
  EXPECT_EQ(client.head().status, 200);
  running_.pass(1ms);
  EXPECT_TRUE(running_.reaches_in_steps(100ms, kEndedGrants, 1));
  EXPECT_TRUE(running_.reaches_in_steps(100ms, "tidings_streams", 0));
}

class LatePublicationTest : public testing::Test {
 protected:
  Left left_;
  RunningServer running_{[this](Server& server) {
                           server.serve_channels({.open_channels = {"demo"}},
                                                 {.publish = left_.authorizer(), .parameters = {"ticket"}});
                         },
                         {.threads = 1, .workers = 1}};
};

TEST_F(LatePublicationTest, ItIsAskedOnceBeforeTheBodyIsRead) {
  Client client = running_.connect();
  client.send("POST /channels/news?ticket=7 HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  say(left_.take(), Grant{.publish = {"news"}});
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(left_.asked, 1);
}

TEST_F(LatePublicationTest, AWholeRequestIsKeptUntilThereIsAVerdict) {
  Client reader = running_.open("/channels/news");
  EXPECT_EQ(reader.head().status, 200);
  EXPECT_EQ(reader.event().value_or(ClientEvent{}).type, "begin");
  Client client = running_.connect();
  client.send(post("news", "hello"));
  say(left_.take(), Grant{.publish = {"*"}});
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(reader.event().value_or(ClientEvent{}).data, "hello");
  client.send(post("news", "again"));  // the same request line, of which the router knows whose it is
  say(left_.take(), Refusal(403, "Not again."));
  EXPECT_EQ(client.response().status, 403);
  EXPECT_EQ(left_.asked, 2);
}

TEST_F(LatePublicationTest, WhatIsRefusedIsWrittenBeforeTheBodyComes) {
  Client client = running_.connect();
  client.send("POST /channels/news HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
  say(left_.take(), Grant{.publish = {"other"}});
  EXPECT_EQ(client.response().status, 403);
}

TEST_F(LatePublicationTest, WhoIsRefusedMayPublishToAnOpenChannelAllTheSame) {
  Client client = running_.connect();
  client.send(post("demo", "hello"));
  say(left_.take(), Refusal(401, "Who are you?"));
  EXPECT_EQ(client.response().status, 200);
}

TEST(Authorizer, TwoPublicationsOnOneConnectionAreAnsweredInTheirOrder) {
  RunningServer running(
      [](Server& server) {
        server.serve_channels({}, {.publish = Authorizer([](const Request& request) {
                                     return Grant{.publish = {request.header("X-May").value_or("").data()}};
                                   })});
      },
      {.threads = 1, .workers = 1});
  Client client = running.connect();
  client.send(post("news", "one", "X-May: news\r\n") + post("news", "two", "X-May: other\r\n"));
  EXPECT_EQ(client.response().status, 200);
  EXPECT_EQ(client.response().status, 403);
}

}  // namespace
}  // namespace tidings
