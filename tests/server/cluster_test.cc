// Two of the program on one Redis: a client that hops between them at every event, and what both say while Redis is
// away.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"
#include "tidings/tests/server/redis/redis_server.h"

namespace tidings {
namespace {

class ClusterTest : public testing::Test {
 protected:
  static bench::ServerProcess start(const RedisServer& redis, const std::vector<std::string>& more = {}) {
    std::vector<std::string> flags = {"--port", "0",           "--redis", redis.url(),          "--publish_token",
                                      "secret", "--log_level", "error",   "--shutdown_delay_s", "0"};
    flags.insert(flags.end(), more.begin(), more.end());
    return {"server/server", flags};
  }
  static ClientResponse ask(const bench::ServerProcess& server, std::string_view request) {
    Client client(server.port());
    client.send(request);
    return client.response();
  }
  static ClientResponse publish(const bench::ServerProcess& server, const std::string& data,
                                const std::string& channel = "demo") {
    return ask(server, "POST /channels/" + channel +
                           " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\nContent-Length: " +
                           std::to_string(data.size()) + "\r\n\r\n" + data);
  }
  static Client follow(const bench::ServerProcess& server, const std::string& after = "") {
    Client client(server.port());
    client.send(get("/channels/demo" + (after.empty() ? "" : "?last_event_id=" + after)));
    EXPECT_EQ(client.head().status, 200);
    return client;
  }
  // Asked until it is that.
  static void wait_for_readiness(const bench::ServerProcess& server, int status) {
    for (int attempt = 0; attempt < 100'000; ++attempt) {
      if (ask(server, get("/readyz")).status == status) return;
    }
    FAIL() << "/readyz is not " << status;
  }
};

TEST_F(ClusterTest, AClientThatHopsAtEveryEventHasEachOnceAndInOrder) {
  RedisServer redis;
  bench::ServerProcess a = start(redis), b = start(redis);
  std::string last;
  {
    Client client = follow(a);
    const ClientEvent begin = client.event().value_or(ClientEvent());
    ASSERT_EQ(begin.type, "begin");
    last = begin.last_event_id;
  }
  for (int i = 0; i < 50; ++i) {
    const ClientResponse kept = publish(i % 3 == 0 ? a : b, std::to_string(i));
    ASSERT_EQ(kept.status, 200) << kept.body;
    Client client = follow(i % 2 == 0 ? b : a, last);
    const ClientEvent event = client.event().value_or(ClientEvent());
    EXPECT_EQ(event.data, std::to_string(i));
    last = event.last_event_id;
    EXPECT_EQ(kept.body, "{\"id\":\"" + last + "\"}\n");
  }
}

TEST_F(ClusterTest, WhileRedisIsAwayPublishingIsRefusedStreamsStayAndReadinessSaysSoByAFlag) {
  RedisServer redis({"--appendonly", "yes", "--appendfsync", "always"});
  bench::ServerProcess server = start(redis), strict = start(redis, {"--redis_readiness"});
  Client follower = follow(server);
  ASSERT_EQ(follower.event().value_or(ClientEvent()).type, "begin");
  EXPECT_EQ(publish(server, "one").status, 200);
  redis.kill();
  wait_for_readiness(strict, 503);
  EXPECT_EQ(ask(server, get("/readyz")).status, 200);
  EXPECT_EQ(ask(server, get("/healthz")).status, 200);
  const ClientResponse refused = publish(strict, "lost");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("retry-after"), "10");
  EXPECT_NE(refused.body.find("Redis can't be reached at the moment"), std::string::npos) << refused.body;
  EXPECT_NE(ask(strict, get("/metrics")).body.find("tidings_history_trouble 1"), std::string::npos);
  redis.start();
  wait_for_readiness(strict, 200);
  EXPECT_EQ(publish(strict, "two").status, 200);
  EXPECT_EQ(follower.event().value_or(ClientEvent()).data, "one");
  EXPECT_EQ(follower.event().value_or(ClientEvent()).data, "two");
}

TEST_F(ClusterTest, AChannelWhoseKeyIsSomebodyElsesIsA503AndOthersLive) {
  RedisServer redis;
  redis.say({"SET", "tidings:s:taken", "foreign"});
  bench::ServerProcess server = start(redis);
  const ClientResponse refused = publish(server, "x", "taken");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.body.find("Redis has something else"), std::string::npos) << refused.body;
  EXPECT_EQ(ask(server, get("/channels/taken")).status, 503);
  EXPECT_EQ(publish(server, "x", "free").status, 200);
}

}  // namespace
}  // namespace tidings
