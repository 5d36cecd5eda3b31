// Handlers that answer when they have the answer: within their call, from another thread, after the client has gone,
// after the server has, or never.
#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

// Where a handler leaves what it has to answer.
class Left {
 public:
  LaterHandler handler() {
    return [this](const Request& request, Reply reply) {
      body = request.body;
      reply_.set_value(std::make_unique<Reply>(std::move(reply)));
    };
  }
  // Waits until the handler has been called.
  std::unique_ptr<Reply> take() {
    std::unique_ptr<Reply> reply = reply_.get_future().get();
    reply_ = {};
    return reply;
  }
  std::string body;

 private:
  std::promise<std::unique_ptr<Reply>> reply_;
};

void answer(std::unique_ptr<Reply> reply, Answer answer) { std::move (*reply)(std::move(answer)); }

std::string post(std::string_view target, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

class LaterAnswersTest : public testing::Test {
 protected:
  Left left_;
  RunningServer running_{
      [this](Server& server) {
        server.post("/later", left_.handler());
        server.get("/later", left_.handler());
        server.post("/at_once",
                    [](const Request& request, Reply reply) { std::move(reply)({.body = request.body + "!"}); });
        server.post("/plain", [](const Request& request) { return Answer{.body = request.body}; });
        server.post("/never", [](const Request&, Reply) {});
        server.post("/throws", [](const Request&, Reply reply) {
          std::move(reply)({.body = "too soon"});
          throw std::runtime_error("as it should");
        });
        server.post("/refuses", [](const Request&, Reply) { throw Refusal(409, "This is not the time."); });
      },
      {.threads = 1, .workers = 1, .cors_origins = {"https://page.example"}}};
};

TEST_F(LaterAnswersTest, AnAnswerFromAnotherThreadReachesTheClientAndTheConnectionGoesOn) {
  Client client = running_.connect();
  client.send(post("/later", "one", "Origin: https://page.example\r\n"));
  std::unique_ptr<Reply> reply = left_.take();
  EXPECT_EQ(left_.body, "one");
  Client other = running_.connect();  // the one worker is free meanwhile
  other.send(post("/plain", "two"));
  EXPECT_EQ(other.response().body, "two");
  std::thread([&] { answer(std::move(reply), {.status = 201, .body = "kept"}); }).join();
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "kept");
  EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://page.example");
  client.send(post("/at_once", "three"));
  EXPECT_EQ(client.response().body, "three!");
}

TEST_F(LaterAnswersTest, WhoGivesNoAnswerOrThrowsHasAnsweredAllTheSame) {
  for (const auto& [target, status] : {std::pair{"/never", 500}, {"/throws", 500}, {"/refuses", 409}}) {
    Client client = running_.connect();
    client.send(post(target, "x"));
    EXPECT_EQ(client.response().status, status) << target;
  }
  EXPECT_EQ(running_.metric("tidings_failures_total"), 1);
}

TEST_F(LaterAnswersTest, AnAnswerThatIsNoneIsA500) {
  Client client = running_.connect();
  client.send(post("/later", "x"));
  answer(left_.take(), {.body = {}, .headers = {{"X", "a\r\nb"}}});
  EXPECT_EQ(client.response().status, 500);
}

TEST_F(LaterAnswersTest, AClientThatHasGoneMakesItHarmless) {
  Client client = running_.connect();
  client.send(post("/later", "x"));
  std::unique_ptr<Reply> reply = left_.take();
  client.reset();
  EXPECT_TRUE(running_.reaches("tidings_connections", 0));
  answer(std::move(reply), {.body = "nobody"});
  EXPECT_EQ(running_.open("/nowhere").response().status, 404);
}

TEST_F(LaterAnswersTest, WhoIsNotAnsweredInTimeGetsA503AndALaterAnswerIsHarmless) {
  Client client = running_.connect();
  client.send(post("/later", "x", "Origin: https://page.example\r\n"));
  std::unique_ptr<Reply> reply = left_.take();
  client.finish();  // its requests are at their end, its wait for the answer is not
  EXPECT_TRUE(running_.reaches_in_steps(std::chrono::seconds(20), "tidings_connections", 0));
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.count("retry-after"), 1u);
  EXPECT_EQ(response.headers.at("access-control-allow-origin"), "https://page.example");
  EXPECT_TRUE(client.is_ended());
  answer(std::move(reply), {.body = "too late"});
  EXPECT_EQ(running_.open("/nowhere").response().status, 404);
}

TEST_F(LaterAnswersTest, AnAnswerInTimeIsNotTakenForLate) {
  Client client = running_.connect();
  for (int i = 0; i < 3; ++i) {
    client.send(post("/later", "x"));
    std::unique_ptr<Reply> reply = left_.take();
    running_.pass(std::chrono::seconds(59));
    answer(std::move(reply), {.body = "in time"});
    EXPECT_EQ(client.response().body, "in time");
  }
}

TEST(LaterAnswers, AHookThatThrowsBehindALateAnswerDoesNotAnswerTheNextRequest) {
  Left first, second;
  std::promise<void> in_hook, hook_may_go, is_blocked, may_go;
  RunningServer running(
      [&](Server& server) {
        server.post("/first", first.handler());
        server.post("/second", second.handler());
        server.post("/blocks", [&](const Request&) {
          is_blocked.set_value();
          may_go.get_future().wait();
          return Answer{.body = "went"};
        });
        server.post("/plain", [](const Request&) { return Answer{.body = "plain"}; });
        server.http().set_post_routing_handler([&](const httplib::Request& request, httplib::Response&) {
          if (request.path != "/first") return;
          in_hook.set_value();
          hook_may_go.get_future().wait();
          throw std::runtime_error("as it should");
        });
      },
      {.threads = 1, .workers = 2});
  Client client = running.connect();
  client.send(post("/first", "x"));
  std::unique_ptr<Reply> reply = first.take();
  in_hook.get_future().wait();
  answer(std::move(reply), {.body = "one"});
  EXPECT_EQ(client.response().body, "one");
  client.send(post("/second", "y"));
  reply = second.take();
  // The worker without the hook is taken, so a plain request is answered by the other, once that is done with the
  // first.
  Client blocking = running.connect(), plain = running.connect();
  blocking.send(post("/blocks", "z"));
  is_blocked.get_future().wait();
  hook_may_go.set_value();
  plain.send(post("/plain", "z"));
  EXPECT_EQ(plain.response().body, "plain");
  answer(std::move(reply), {.body = "two"});
  EXPECT_EQ(client.response().body, "two");
  may_go.set_value();
  EXPECT_EQ(blocking.response().body, "went");
}

TEST(LaterAnswers, AServerThatIsGoneMakesItHarmless) {
  Left left;
  std::unique_ptr<Reply> reply;
  {
    RunningServer running([&](Server& server) { server.post("/later", left.handler()); },
                          {.threads = 1, .stop_timeout = std::chrono::milliseconds(1)});
    Client client = running.connect();
    client.send(post("/later", "x"));
    reply = left.take();
  }
  answer(std::move(reply), {.body = "nobody"});
}

}  // namespace
}  // namespace tidings
