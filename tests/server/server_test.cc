// The gateway as HTTP clients see it: framing, keep-alive, pipelining, bodies, refusals, deadlines, stopping.
#include "tidings/server/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "tidings/server/http/answer.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

using namespace std::chrono_literals;

EventStream silent(Loop& loop) {
  co_await loop.sleep(24h);
  co_yield Event("");
}

class ServerTest : public testing::Test {
 protected:
  static void configure(Server& server) {
    server.get("/hello", [](const Request& request) {
      return Answer{.body = "hello " + std::string(request.parameter("name").value_or("you"))};
    });
    server.get("/big", [](const Request&) { return Answer{.body = std::string(8'000'000, 'x')}; });
    server.get("/fail", [](const Request&) -> Answer { throw std::runtime_error("broken"); });
    server.get("/refuse", [](const Request&) -> Answer { throw Refusal(403, "Not you."); });
    server.get("/request", [](const Request& request) {
      return Answer{.body = request.method + ' ' + request.path + ' ' + request.remote_address + ' ' +
                            std::string(request.header("x-thing").value_or("-"))};
    });
    server.get("/rooms/:room/files/*path", [](const Request& request) {
      return Answer{.body = std::string(*request.capture("room")) + ' ' + std::string(*request.capture("path")) + ' ' +
                            std::string(request.capture("files").value_or("no"))};
    });
    const Handler echo = [](const Request& request) { return Answer{.body = request.method + ' ' + request.body}; };
    server.put("/thing", echo);
    server.del("/thing", echo);
    server.stream("/events", [](Request, Loop& loop) { return silent(loop); });
  }
  RunningServer running_{configure, {.max_head_bytes = 4096, .max_body_bytes = 1000}};
};

TEST_F(ServerTest, WhatItCountsIsThereAsNumbers) {
  Client client = running_.open("/events");
  ASSERT_EQ(client.head().status, 200);
  running_.server().hub().channel("news")->publish(Event("hello"));
  // What a client has may not be counted yet.
  Figures figures = running_.server().figures();
  while (figures.stream_bytes == 0) figures = running_.server().figures();
  EXPECT_TRUE(figures.is_ready);
  EXPECT_GT(figures.max_streams, 0u);
  EXPECT_EQ(figures.connections, 1u);
  EXPECT_EQ(figures.requests, 1u);
  EXPECT_EQ(figures.streams, 1u);
  EXPECT_EQ(figures.opened_streams, 1u);
  EXPECT_EQ(figures.frames, 1u);
  EXPECT_GT(figures.stream_bytes, 100u);
  EXPECT_EQ(figures.hub.published, 1u);
  EXPECT_EQ(running_.server().hub().channel("news")->figures().kept, 1u);
  client.close();
  EXPECT_TRUE(running_.reaches("tidings_streams", 0));
  EXPECT_EQ(running_.server().figures().ended(EndReason::kClientLeft), 1u);
}

TEST_F(ServerTest, AnswersAGet) {
  Client client = running_.open("/hello?name=w%C3%B6rld");
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "hello w\xC3\xB6rld");
  EXPECT_EQ(response.headers.at("content-type"), "text/plain; charset=utf-8");
}

TEST_F(ServerTest, HandlersSeeTheRequest) {
  Client client = running_.connect();
  client.send("GET /request HTTP/1.1\r\nHost: h\r\nX-Thing: thing\r\n\r\n");
  EXPECT_EQ(client.response().body, "GET /request 127.0.0.1 thing");
}

TEST_F(ServerTest, WhatAPatternCapturesHasItsName) {
  Client client = running_.open("/rooms/blue%20one/files/a/b");
  EXPECT_EQ(client.response().body, "blue one a/b no");
}

TEST_F(ServerTest, APathTakesTheMethodsThatItHasHandlersFor) {
  Client client = running_.connect();
  for (const std::string method : {"PUT", "DELETE"}) {
    client.send(method + " /thing HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_EQ(client.response().body, method + " ab");
  }
  client.send("POST /thing HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  const ClientResponse refusal = client.response();
  EXPECT_EQ(refusal.status, 405);
  EXPECT_EQ(refusal.headers.at("allow"), "DELETE, PUT");
}

TEST_F(ServerTest, ListensOnBothLoopbackAddresses) {
  Client client(running_.server().port(), true);
  client.send(get("/request"));
  EXPECT_EQ(client.response().body, "GET /request ::1 -");
}

TEST_F(ServerTest, AProgramThatTheApplicationStartsGetsNoneOfItsSockets) {
  Client stream = running_.open("/events");
  EXPECT_EQ(stream.head().status, 200);
  std::size_t sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (!std::filesystem::read_symlink(entry, gone).string().starts_with("socket:")) continue;
    ++sockets;
    const int descriptor = std::stoi(entry.path().filename().string());
    EXPECT_TRUE(fcntl(descriptor, F_GETFD) & FD_CLOEXEC) << descriptor;
  }
  EXPECT_GE(sockets, 3u);  // the client's, the stream's and the one that listens
}

int option(int socket, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(socket, IPPROTO_TCP, name, &value, &size);
  return value;
}

TEST_F(ServerTest, AConnectionSendsAtOnceAndEndsWhereItsClientTakesNothing) {
  Client stream = running_.open("/events");
  EXPECT_EQ(stream.head().status, 200);
  std::size_t connections = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::stoi(entry.path().filename().string());
    sockaddr_in local{}, remote{};
    socklen_t size = sizeof local;
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&remote), &(size = sizeof remote)) != 0) continue;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &(size = sizeof local)) != 0) continue;
    if (local.sin_family != AF_INET || ntohs(local.sin_port) != running_.server().port()) continue;
    ++connections;
    EXPECT_EQ(option(descriptor, TCP_NODELAY), 1);
    EXPECT_EQ(option(descriptor, TCP_USER_TIMEOUT), 30'000);
  }
  EXPECT_EQ(connections, 1u);
}

TEST_F(ServerTest, AHeadRequestGetsNoBody) {
  Client client = running_.connect();
  client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.response(true).headers.at("content-length"), "9");
  EXPECT_EQ(client.response().body, "hello you");
}

TEST_F(ServerTest, OneConnectionServesManyRequests) {
  Client client = running_.connect();
  for (int i = 0; i < 20; ++i) {
    client.send(get("/hello?name=" + std::to_string(i)));
    EXPECT_EQ(client.response().body, "hello " + std::to_string(i));
  }
  EXPECT_EQ(running_.metric("tidings_connections"), 1);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Client client = running_.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += get("/hello?name=" + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.response().body, "hello " + std::to_string(i));
}

TEST_F(ServerTest, ARequestMayComeByteByByte) {
  Client client = running_.connect();
  for (const char byte : get("/hello")) client.send({&byte, 1});
  EXPECT_EQ(client.response().body, "hello you");
}

TEST_F(ServerTest, ClosesWhenTheClientAsks) {
  Client client = running_.connect();
  client.send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.response().headers.at("connection"), "close");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, AnHttp10ConnectionClosesAfterItsResponse) {
  Client client = running_.connect();
  client.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.response().body, "hello you");
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, ABodyThatNoOneTakesIsReadAndTheNextRequestAnswered) {
  Client client = running_.connect();
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  client.send(get("/hello"));
  for (int i = 0; i < 2; ++i) {
    const ClientResponse refused = client.response();
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.headers.at("allow"), "GET, HEAD");
  }
  EXPECT_EQ(client.response().body, "hello you");
}

TEST_F(ServerTest, AnExpectationOfTooLargeABodyIsRefusedBeforeItIsSent) {
  Client client = running_.connect();
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(client.response().status, 413);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, ALargeResponseArrivesWhole) {
  Client client = running_.open("/big");
  EXPECT_EQ(client.response().body.size(), 8'000'000u);
}

TEST_F(ServerTest, AClientThatDoesNotReadItsResponseIsCutOff) {
  Client client = running_.open("/big");
  ASSERT_TRUE(running_.reaches("tidings_requests_total", 1));
  EXPECT_TRUE(running_.reaches_in_steps(30s, "tidings_connections", 0));
}

TEST_F(ServerTest, RefusalsAreProblemDocuments) {
  struct Row {
    const char* target;
    int status;
    const char* sentence;
  };
  for (const Row& row : {Row{"/nothing", 404, "There is nothing at /nothing."}, Row{"/refuse", 403, "Not you."},
                         Row{"/fail", 500, "The handler of this path failed; the server's log says why."}}) {
    Client client = running_.open(row.target);
    const ClientResponse response = client.response();
    EXPECT_EQ(response.status, row.status);
    EXPECT_EQ(response.headers.at("content-type"), "application/problem+json");
    EXPECT_NE(response.body.find(row.sentence), std::string::npos) << response.body;
  }
}

TEST_F(ServerTest, WhatIsMalformedOrTooLargeIsRefusedAndItsConnectionClosed) {
  struct Row {
    std::string bytes;
    int status;
  };
  Client other = running_.connect();
  other.send("GET /hel");
  for (const Row& row : {Row{"GET / HTTP/1.1\r\n\r\n", 400}, Row{"\x16\x03\x01\r\n\r\n", 400},
                         Row{"GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 431},
                         Row{"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
                         Row{"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413}}) {
    Client client = running_.connect();
    client.send(row.bytes);
    EXPECT_EQ(client.response().status, row.status);
    EXPECT_TRUE(client.is_ended());
  }
  EXPECT_EQ(running_.metric("tidings_refused_requests_total"), 5);
  other.send("lo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(other.response().body, "hello you");
}

TEST_F(ServerTest, NothingIsAtAPathThatIsUnknownHoweverLong) {
  for (const std::string& path : {"/" + std::string(3000, 'x'), std::string("/a%00b"), std::string("//hello"),
                                  std::string("/hello/"), std::string("/hello%2F"), std::string("/Hello")}) {
    EXPECT_EQ(running_.open(path).response().status, 404) << path;
  }
}

TEST_F(ServerTest, EveryResponseHasTheWallClocksDateOnce) {
  const std::string host = "Host: h\r\n\r\n";
  for (const std::string& request :
       {get("/hello"), get("/events"), get("/nothing"), get("/fail"), get("/events?heartbeat=loud"),
        "HEAD /events HTTP/1.1\r\n" + host, "POST /hello HTTP/1.1\r\n" + host, "BREW / HTTP/1.1\r\n" + host,
        "GET / HTTP/3.0\r\n" + host, "GET /a?b?c HTTP/1.1\r\n" + host, std::string("GET / HTTP/1.1\r\n\r\n")}) {
    Client client = running_.connect();
    client.send(request);
    EXPECT_EQ(client.head().headers.at("date"), "Wed, 25 Nov 2026 02:23:20 GMT") << request;
  }
  running_.pass(1s);
  EXPECT_EQ(running_.open("/hello").response().headers.at("date"), "Wed, 25 Nov 2026 02:23:21 GMT");
}

TEST_F(ServerTest, AMethodThatNobodyKnowsIsRefused) {
  Client client = running_.connect();
  client.send("BREW /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.response().status, 501);
}

TEST_F(ServerTest, HeaderFieldsReachTheHandlerAsTheyWereSent) {
  Client client = running_.connect();
  client.send("GET /request HTTP/1.1\r\nHost: h\r\nX-Thing: 100%25%0d%0a\r\nREMOTE_ADDR: 6.6.6.6\r\n\r\n");
  EXPECT_EQ(client.response().body, "GET /request 127.0.0.1 100%25%0d%0a");
}

TEST_F(ServerTest, RangesAreLeftAlone) {
  Client client = running_.connect();
  client.send("GET /big HTTP/1.1\r\nHost: h\r\nRange: bytes=0-,0-,0-\r\n\r\n");
  const ClientResponse response = client.response();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.size(), 8'000'000u);
}

TEST_F(ServerTest, CompressedAndMultipartBodiesAreRefused) {
  for (const char* field : {"Content-Encoding: gzip", "Content-Type: multipart/form-data; boundary=b"}) {
    Client client = running_.connect();
    client.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n" + std::string(field) + "\r\n\r\nx");
    EXPECT_EQ(client.response().status, 415) << field;
  }
}

TEST_F(ServerTest, ARequestWhoseClientHasResetIsNotAnswered) {
  std::promise<void> is_running, may_end;
  std::atomic<int> handled = 0;
  RunningServer running(
      [&](Server& server) {
        server.get("/wait", [&](const Request&) {
          is_running.set_value();
          may_end.get_future().wait();
          return Answer{};
        });
        server.get("/count", [&](const Request&) {
          ++handled;
          return Answer{};
        });
      },
      {.workers = 1});
  Client waiting = running.open("/wait");
  is_running.get_future().wait();
  for (int i = 0; i < 20; ++i) {
    Client client = running.open("/count");
    ASSERT_TRUE(running.reaches("tidings_requests_total", 2 + i));
    client.reset();
  }
  EXPECT_TRUE(running.reaches("tidings_connections", 1));  // theirs have closed, although the worker has their requests
  Client last = running.open("/count");
  ASSERT_TRUE(running.reaches("tidings_requests_total", 22));
  may_end.set_value();
  EXPECT_EQ(last.response().status, 200);
  EXPECT_EQ(handled, 1);
}

TEST_F(ServerTest, MoreRequestsThanMayWaitAreRefused) {
  std::promise<void> may_end;
  const std::shared_future<void> end = may_end.get_future().share();
  RunningServer running(
      [&](Server& server) {
        server.get("/wait", [end](const Request&) {
          end.wait();
          return Answer{.body = "waited"};
        });
      },
      {.workers = 1, .max_waiting_requests = 2, .cors_origins = {"https://a.example"}});
  Client first = running.open("/wait"), second = running.open("/wait");
  ASSERT_TRUE(running.reaches("tidings_requests_total", 2));
  Client third = running.connect();
  third.send("GET /wait HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\n\r\n");
  const ClientResponse refused = third.response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("access-control-allow-origin"), "https://a.example");
  may_end.set_value();
  EXPECT_EQ(first.response().body, "waited");
  EXPECT_EQ(second.response().body, "waited");
}

TEST_F(ServerTest, WhoSendsMuchMoreThanIsTakenGetsToReadWhy) {
  Client client = running_.connect();
  const std::size_t size = 8 << 20;
  client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(size, 'x')));
  EXPECT_EQ(client.response().status, 413);
}

TEST_F(ServerTest, HalfAHeadIsA408AfterTenSeconds) {
  Client client = running_.connect();
  client.send("GET /hello HT");
  ASSERT_TRUE(running_.reaches("tidings_connections", 1));
  // In steps, since the ten seconds count from the first byte's arrival.
  EXPECT_TRUE(running_.reaches_in_steps(5s, "tidings_refused_requests_total", 1));
  EXPECT_EQ(client.response().status, 408);
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, ASilentConnectionIsClosedWithoutAWord) {
  Client client = running_.connect();
  ASSERT_TRUE(running_.reaches("tidings_connections", 1));
  EXPECT_TRUE(running_.reaches_in_steps(10s, "tidings_connections", 0));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, AnIdleConnectionIsClosedAfterItsKeepAliveTime) {
  Client client = running_.open("/hello");
  EXPECT_EQ(client.response().body, "hello you");
  running_.pass(74s);
  client.send(get("/hello"));
  EXPECT_EQ(client.response().body, "hello you");
  EXPECT_TRUE(running_.reaches_in_steps(75s, "tidings_connections", 0));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, CutOffRequestsLeaveNothingBehind) {
  for (const std::string_view bytes :
       {"", "G", "GET / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"}) {
    Client closed = running_.connect();
    closed.send(bytes);
    closed.close();
    Client reset = running_.connect();
    reset.send(bytes);
    reset.reset();
  }
  EXPECT_TRUE(running_.reaches("tidings_connections", 0));
}

TEST_F(ServerTest, StoppingEndsIdleConnectionsAndStreams) {
  Client idle = running_.open("/hello");
  EXPECT_EQ(idle.response().status, 200);
  Client stream = running_.open("/events");
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_TRUE(running_.server().is_ready());
  running_.server().stop();
  EXPECT_FALSE(running_.server().is_ready());
  EXPECT_TRUE(idle.is_ended());
  stream.rest();
  idle.close();
  stream.close();
  running_.stop();
  EXPECT_EQ(running_.metric("tidings_connections"), 0);
  EXPECT_EQ(running_.metric("tidings_frames"), 0);
}

TEST(ServerStop, ServesOnWhileABalancerHasTimeToSeeThatItIsNotReady) {
  RunningServer running(
      [](Server& server) {
        server.get("/hello", [](const Request&) { return Answer{.body = "hello"}; });
        server.stream("/events", [](Request, Loop& loop) { return silent(loop); });
      },
      {.shutdown_delay = 5s});
  Client before = running.open("/events");
  EXPECT_EQ(before.head().status, 200);
  running.server().stop();
  EXPECT_FALSE(running.server().is_ready());
  EXPECT_EQ(running.open("/hello").response().body, "hello");
  Client meanwhile = running.open("/events");
  EXPECT_EQ(meanwhile.head().status, 200);
  EXPECT_EQ(running.metric("tidings_streams"), 2);
  running.pass(5s);
  before.rest();
  meanwhile.rest();
  before.close();
  meanwhile.close();
  running.stop();
  EXPECT_EQ(running.metric("tidings_connections"), 0);
}

TEST(ServerStop, DoesNotWaitForAClientThatNeverCloses) {
  RunningServer running(
      [](Server& server) { server.stream("/events", [](Request, Loop& loop) { return silent(loop); }); },
      {.stop_timeout = 100ms});
  Client half = running.connect();
  half.send("GET /hel");
  Client stream = running.open("/events");
  EXPECT_EQ(stream.head().status, 200);
  running.stop();  // though the clock stands still
  EXPECT_EQ(running.metric("tidings_connections"), 0);
}

TEST(StreamLimits, StreamsBeyondThemAreRefusedForNowAndPlacesComeBack) {
  RunningServer running(
      [](Server& server) { server.stream("/events", [](Request, Loop& loop) { return silent(loop); }); },
      {.limits = {.max_streams = 3, .max_streams_per_client = 2}});
  Client first = running.open("/events"), second = running.open("/events");
  EXPECT_EQ(first.head().status, 200);
  EXPECT_EQ(second.head().status, 200);
  Client third = running.open("/events");
  const ClientResponse refused = third.response();
  EXPECT_EQ(refused.status, 503);
  third.send("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(third.response(true).status, 503);
  const int wait = std::stoi(refused.headers.at("retry-after"));
  EXPECT_GE(wait, 5);
  EXPECT_LE(wait, 15);
  Client other(running.server().port(), true);  // of another address
  other.send(get("/events"));
  EXPECT_EQ(other.head().status, 200);
  first.close();
  ASSERT_TRUE(running.reaches("tidings_streams", 2));
  EXPECT_EQ(running.open("/events").head().status, 200);
}

TEST(ServerListen, APortThatIsTakenIsASentence) {
  Server first({.port = 0});
  first.listen();
  Server second({.port = first.port()});
  try {
    second.listen();
    FAIL() << "it listened on a taken port";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "Something listens on port " + std::to_string(first.port()) +
                  " of localhost already: stop it, or choose another port with --port (0: a free one).");
  }
}

TEST(ServerListen, AHostWithoutAnAddressIsASentence) {
  Server server({.host = "256.256.256.256", .port = 0});
  EXPECT_THROW(server.listen(), std::runtime_error);
}

TEST(ServerRun, StoppedBeforehandItReturnsAtOnce) {
  Server server({.port = 0});
  server.stop();
  server.run();
  EXPECT_THROW(server.run(), std::logic_error);
}

EventStream nothing(Request, Loop&) { co_return; }

// Servers beside each other, on threads of their own: this one has something else to do.
TEST(ServerStart, ServesAtOnceAndUntilItIsStopped) {
  const auto name = [](std::string name) {
    return [name = std::move(name)](const Request&) { return Answer{.body = name}; };
  };
  Server one({.port = 0}), other({.port = 0});
  one.get("/name", name("one"));
  other.get("/name", name("other"));
  one.start();
  EXPECT_TRUE(one.is_ready());
  other.start();
  for (const auto& [server, body] : {std::pair(&one, "one"), std::pair(&other, "other")}) {
    Client client(server->port());
    client.send(get("/name"));
    EXPECT_EQ(client.response().body, body);
  }
  EXPECT_THROW(one.start(), std::logic_error);
  EXPECT_THROW(one.run(), std::logic_error);
  EXPECT_THROW(one.get("/later", name("later")), std::logic_error);
  one.stop();
  one.wait();
  one.wait();
  EXPECT_FALSE(one.is_ready());
  Client client(other.port());
  client.send(get("/name"));
  EXPECT_EQ(client.response().body, "other") << "and that one goes on";
}  // and is stopped here

TEST(ServerStart, IsDestroyedBeforeItServesOrAfterItCouldNot) {
  Server taken({.port = 0});
  taken.start();
  Server other({.port = taken.port()});
  EXPECT_THROW(other.start(), std::runtime_error);
  Server stopped({.port = 0});
  stopped.stop();
  stopped.start();
  stopped.wait();
}

TEST(ServerRoutes, TheSecondOfTwoForTheSamePathsIsRefused) {
  Server server({.port = 0});
  server.stream("/robots/:id", nothing);
  EXPECT_THROW(server.stream("/robots/:robot", nothing), std::invalid_argument);
  EXPECT_THROW(server.get("/robots/:id", [](const Request&) { return Answer(); }), std::invalid_argument);
  server.post("/robots/:id", [](const Request&) { return Answer(); });
  server.stream("/robots/all", nothing);
  EXPECT_THROW(server.stream("/robots/*id", nullptr), std::invalid_argument);
  EXPECT_THROW(server.get("/robots/*id", Handler()), std::invalid_argument);
}

TEST(ServerRoutes, NoneIsAddedOnceItRuns) {
  Server server({.port = 0});
  server.stop();
  server.run();
  EXPECT_THROW(server.stream("/late", nothing), std::logic_error);
  EXPECT_THROW(server.get("/late", [](const Request&) { return Answer(); }), std::logic_error);
  EXPECT_THROW(server.post("/late", [](const Request&) { return Answer(); }), std::logic_error);
  EXPECT_THROW(server.serve_channels(), std::logic_error);
  EXPECT_THROW(server.http(), std::logic_error);
  EXPECT_NE(server.hub().channel("news"), nullptr);
}

TEST(ServerListen, BeforeItThereIsNoPort) {
  const Server server({.port = 0});
  EXPECT_THROW(server.port(), std::logic_error);
  EXPECT_THROW(server.url(), std::logic_error);
  EXPECT_THROW(server.urls_for_others(), std::logic_error);
}

}  // namespace
}  // namespace tidings
