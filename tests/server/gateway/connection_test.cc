// A connection on a loop that is turned by hand, so that this process can stand still while its clients go on.
#include "tidings/server/gateway/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/loop/lingering_close.h"
#include "tidings/server/streams/generator_stream.h"
#include "tidings/server/testing/manual_clock.h"
#include "tidings/tests/server/socket_pair.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream silent(Loop& loop) {
  co_await loop.sleep(24h);
  co_yield Event("");
}

// All that a handler learns of a request but its path.
Answer told(const Request& request) {
  std::string text = request.method + " from " + request.remote_address + "\n";
  for (const std::string& capture : request.captures) text += "capture " + capture + "\n";
  for (const auto& [name, value] : request.parameters) text += "parameter " + name + "=" + value + "\n";
  for (const auto& [name, value] : request.headers) text += "field " + name + "=" + value + "\n";
  return {.body = text + request.body};
}

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    for (const auto& [path, pace] : {std::pair("/told/quickly/:name", Router::Pace::kQuick),
                                     std::pair("/told/in_time/:name", Router::Pace::kAny)}) {
      router_.post(path, told, {}, pace);
    }
    router_.get("/hello", [](const Request&) { return Answer{.body = "hello"}; });
    router_.get("/big", [](const Request&) { return Answer{.body = std::string(kBig, 'x')}; });
    router_.post("/size", [](const Request& request) { return Answer{.body = std::to_string(request.body.size())}; });
    router_.post(
        "/quick/:name", [this](const Request& request) { return answer_quickly(request); },
        [](const Request& head) -> Admitted {
          if (head.captures.at(0) == "no") throw Refusal(403, "Not that one.");
          return {};
        },
        Router::Pace::kQuick);
    router_.stream("/events", 0);
    router_.close();
    context_.stream_openers.push_back(open_generator([](Request, Loop& loop) { return silent(loop); }));
    const auto connection = std::make_shared<Connection>(loop_, context_, client_.take(), Peer());
    connection_ = connection;
    connection->start();
    turn();
  }

  void turn() {
    for (int i = 0; i < 20; ++i) {
      turn_loop();
      work_.restart();
      work_.poll();
    }
  }
  // A turn while no worker is free. How many handlers ran.
  std::size_t turn_loop() {
    std::size_t ran = 0;
    while (ran < kMostHandlers && loop_.context().poll_one() > 0) ++ran;
    return ran;
  }
  // Time passes, and the first that this process does then is to look at its clock.
  void stand_still(std::chrono::seconds time) {
    clock_.advance(time);
    loop_.run_due_timers();
  }
  void send(std::string_view bytes) {
    client_.send(bytes);
    turn();
  }
  Answer answer_quickly(const Request& request) {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    shallowest_ = std::max(shallowest_, here);
    deepest_ = std::min(deepest_, here);
    return {.body = request.body};
  }
  // What the client gets, as long as anything comes.
  std::string all() {
    std::string all;
    for (;;) {
      turn();
      const std::string more = client_.received();
      if (more.empty()) return all;
      all += more;
    }
  }
  std::string status() { return all().substr(0, 12); }

  static constexpr std::size_t kBig = 4'000'000;
  static constexpr std::size_t kMostHandlers = 1000;  // a loop that is told again and again never comes to rest

  ManualClock clock_{Clock::WallTime(100s)};
  CorsPolicy cors_{{}};
  Router router_{75s, cors_};
  StreamLimits limits_{{}};
  asio::io_context work_;
  ConnectionContext context_{{}, router_, cors_, limits_, work_};
  EventLoop loop_{clock_, 1};
  SocketPair client_;
  std::weak_ptr<Connection> connection_;
  std::uintptr_t shallowest_ = 0, deepest_ = UINTPTR_MAX;  // of the stack, where answer_quickly() was called
};

TEST_F(ConnectionTest, AHeadThatCameInTimeIsAnsweredHoweverLateItIsSeen) {
  send("GET /hello HT");
  client_.send("TP/1.1\r\nHost: h\r\n\r\n");
  stand_still(33s);
  EXPECT_EQ(status(), "HTTP/1.1 200");
}

TEST_F(ConnectionTest, ARequestThatCameBeforeItsConnectionWasIdleForTooLongIsAnswered) {
  send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status(), "HTTP/1.1 200");
  client_.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  stand_still(100s);
  EXPECT_EQ(status(), "HTTP/1.1 200");
}

TEST_F(ConnectionTest, ARequestThatBeganBeforeItsConnectionWasIdleForTooLongIsHeardToItsEnd) {
  send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status(), "HTTP/1.1 200");
  client_.send("GET /hello HT");
  stand_still(100s);
  send("TP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status(), "HTTP/1.1 200");
}

TEST_F(ConnectionTest, ABodyOfWhichSomeCameInTimeHasAMomentForTheRest) {
  send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n");
  client_.send(std::string(40'000, 'x'));  // more than is read at a time
  stand_still(70s);
  turn();
  send(std::string(10'000, 'x'));
  EXPECT_EQ(status(), "HTTP/1.1 200");
}

TEST_F(ConnectionTest, ThatMomentIsGivenOnceAndWhoSendsNothingHasNone) {
  send("GET /hello HT");
  client_.send("TP/1.1\r\nX: ");
  stand_still(33s);
  EXPECT_EQ(all(), "");
  client_.send("y");
  stand_still(5s);
  EXPECT_EQ(status(), "HTTP/1.1 408");
}

TEST_F(ConnectionTest, WhoSendsNothingMoreIsJudgedAtOnce) {
  send("GET /hello HT");
  stand_still(10s);
  EXPECT_EQ(status(), "HTTP/1.1 408");
}

TEST_F(ConnectionTest, AResponseWhoseClientHasReadMeanwhileGoesOn) {
  send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  std::size_t received = 0;
  for (std::string some; !(some = client_.received()).empty();) received += some.size();
  stand_still(33s);
  EXPECT_GT(received + all().size(), kBig);
}

TEST_F(ConnectionTest, AResponseThatItsClientDoesNotReadIsCutOff) {
  send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  stand_still(30s);
  EXPECT_LT(all().size(), kBig);
  EXPECT_TRUE(client_.has_ended());
}

TEST_F(ConnectionTest, WhatIsClosedWhenItsTimeIsOverIsReadFirst) {
  send("GET /hello HTTP/3.0\r\n\r\n");  // refused, so the connection lingers
  client_.send(std::string(100'000, 'x'));
  stand_still(3s);
  turn();
  EXPECT_EQ(client_.received().substr(0, 12), "HTTP/1.1 505");
  errno = 0;
  client_.received();
  EXPECT_TRUE(client_.has_ended());
  EXPECT_EQ(errno, 0) << "it was reset, which may destroy what is on its way";
}

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(ConnectionTest, WhatComesWhileARequestIsAnsweredCostsTheLoopNothingAndIsAnsweredNext) {
  client_.send(kHello);
  turn_loop();
  client_.send(kHello);
  turn_loop();
  EXPECT_EQ(turn_loop(), 0u) << "it is told again and again of bytes that it does not want yet";
  const std::string both = all();
  EXPECT_EQ(both.find("HTTP/1.1 200"), 0u);
  EXPECT_NE(both.find("HTTP/1.1 200", 1), std::string::npos);
}

TEST_F(ConnectionTest, AClientThatEndsItsRequestsWhileOneIsAnsweredGetsTheAnswer) {
  client_.send(kHello);
  turn_loop();
  client_.end();
  turn_loop();
  EXPECT_EQ(turn_loop(), 0u) << "it is told again and again of an end that it does not mind";
  EXPECT_EQ(status(), "HTTP/1.1 200");
  turn();
  EXPECT_EQ(loop_.metrics().connections.value(), 0);
  EXPECT_TRUE(connection_.expired());
}

TEST_F(ConnectionTest, AConnectionThatIsGoneWhileItIsAnsweredEndsBeforeTheWorkerIsDone) {
  client_.send(kHello);
  turn_loop();
  client_.leave();
  turn_loop();
  EXPECT_EQ(loop_.metrics().connections.value(), 0);
  EXPECT_FALSE(connection_.expired()) << "a worker has its request";
  turn();
  EXPECT_TRUE(connection_.expired());
}

TEST_F(ConnectionTest, AResponseThatWaitsForRoomLeavesTheNextRequestInTheSocket) {
  client_.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  turn();
  client_.send(kHello);
  turn_loop();
  EXPECT_EQ(turn_loop(), 0u) << "it is told again and again of bytes that it does not want yet";
  const std::string both = all();
  EXPECT_GT(both.size(), kBig);
  EXPECT_EQ(both.substr(both.size() - 5), "hello");
}

TEST_F(ConnectionTest, AStreamIsToldOfItsClientsLeavingAlsoWhereItsConnectionDidNotWantToHearMore) {
  client_.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
  turn_loop();
  client_.send("more");
  turn_loop();
  EXPECT_EQ(status(), "HTTP/1.1 200");
  EXPECT_TRUE(connection_.expired());
  EXPECT_EQ(loop_.metrics().streams.value(), 1);
  EXPECT_EQ(loop_.metrics().connections.value(), 1);
  client_.end();
  turn();
  EXPECT_EQ(loop_.metrics().streams.value(), 0);
  EXPECT_EQ(loop_.metrics().connections.value(), 0);
}

TEST_F(ConnectionTest, WhatIsQuickIsAnsweredWithoutAWorker) {
  client_.send("POST /quick/yes HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");  // its head is judged alone
  turn_loop();
  client_.send("soon");
  turn_loop();
  EXPECT_TRUE(client_.received().ends_with("\r\n\r\nsoon"));
  client_.send("POST /quick/yes HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nnext");
  turn_loop();
  EXPECT_TRUE(client_.received().ends_with("\r\n\r\nnext"));
  client_.send("GET /events HTTP/1.1\r\nHost: h\r\n\r\n");
  turn_loop();
  EXPECT_EQ(client_.received().substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(loop_.metrics().streams.value(), 1);
}

TEST_F(ConnectionTest, WhatIsQuickIsToldAsMuchAsAWorkerIs) {
  for (const char* const rest :
       {"a HTTP/1.1\r\nHost: h\r\n", "a?x=%41+b&y&x=&=z HTTP/1.1\r\nHost: h\r\n", "a?? HTTP/1.1\r\nHost: h\r\n",
        "b#c?d HTTP/1.1\r\nHost: h\r\n", "a/b HTTP/1.1\r\nHost: h\r\n", " HTTP/1.1\r\nHost: h\r\n",
        "a HTTP/1.1\r\nHost: h\r\nX: 1\r\nx: %32\r\nCookie: a=b; c=\"d\"\r\nX:\r\n",
        "a HTTP/1.1\r\nHOST:h\r\nAccept: text/event-stream;q=0.5, */*\r\nContent-Type: "
        "application/x-www-form-urlencoded\r\n",
        "a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \xE9\r\nREMOTE_ADDR: 9.9.9.9\r\nRange: bytes=0-1\r\n"}) {
    // The second time its line is known already.
    std::vector<std::string> said;
    for (const std::string path : {"/told/quickly/", "/told/quickly/", "/told/in_time/"}) {
      client_.send("POST " + path + rest + "Content-Length: 3\r\nConnection: keep-alive\r\n\r\nx=y");
      said.push_back(all());
      if (const std::size_t at = said.back().find(path); at != std::string::npos) said.back().erase(at, path.size());
    }
    EXPECT_NE(said[0], "") << rest;
    EXPECT_EQ(said[0], said[2]) << rest;
    EXPECT_EQ(said[1], said[2]) << rest;
  }
}

TEST_F(ConnectionTest, WhatIsQuickIsRefusedWithoutAWorker) {
  client_.send("POST /quick/no HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
  turn_loop();
  EXPECT_EQ(client_.received().substr(0, 12), "HTTP/1.1 403");
}

TEST_F(ConnectionTest, WhatMayTakeItsTimeWaitsForAWorker) {
  const std::string body(5000, 'x');  // too much to be quick
  for (const std::string& request :
       {std::string(kHello), "GET /%68ello HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(),
        "POST /quick/yes#x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx" + std::string(),
        "POST /quick/yes HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" + body}) {
    client_.send(request);
    turn_loop();
    EXPECT_EQ(client_.received(), "") << request;
    EXPECT_EQ(status(), "HTTP/1.1 200") << request;
  }
}

TEST_F(ConnectionTest, ManyQuickRequestsAtATimeAreAnsweredInTurnAndNotOneWithinAnother) {
  std::string requests, bodies;
  for (int i = 100; i < 300; ++i) {
    requests += "POST /quick/yes HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n" + std::to_string(i);
    bodies += std::to_string(i);
  }
  client_.send(requests);
  std::string got;
  for (std::string_view rest = requests = all(); !rest.empty();) {
    rest.remove_prefix(std::min(rest.size(), rest.find("\r\n\r\n") + 4));
    got += rest.substr(0, 3);
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 3));
  }
  EXPECT_EQ(got, bodies);
  EXPECT_LT(shallowest_ - deepest_, 256u * 1024);
}

TEST_F(ConnectionTest, AConnectionThatIsToMakeWayStaysWhereItHadARequestInTheSocket) {
  client_.send("POST /quick/yes HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\njust");
  loop_.idle_sessions().make_room();
  EXPECT_TRUE(client_.received().ends_with("just"));
  EXPECT_FALSE(connection_.expired());
  loop_.idle_sessions().make_room();
  turn();
  EXPECT_TRUE(connection_.expired());
}

TEST_F(ConnectionTest, AConnectionEndsWithItsLoopWhateverItWaitsFor) {
  client_.send(kHello);
  turn_loop();
  loop_.abort_all();
  EXPECT_EQ(loop_.metrics().connections.value(), 0);
  turn();
  EXPECT_TRUE(connection_.expired());
}

}  // namespace
}  // namespace tidings
