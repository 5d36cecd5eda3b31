#include <gtest/gtest.h>

#include <optional>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

constexpr const char* kProgram = "examples/robot/robot";

TEST(RobotTest, ThePageAndBothOfWhatItFollowsAreThere) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  Client page(server.port()), elapsed(server.port()), channel(server.port());
  page.send(get("/"));
  const ClientResponse document = page.response();
  EXPECT_EQ(document.headers.at("content-type"), "text/html; charset=utf-8");
  for (const char* path : {"\"/elapsed\"", "\"/channels/robot\""}) {
    EXPECT_NE(document.body.find(path), std::string::npos) << path;
  }
  elapsed.send(get("/elapsed"));
  ASSERT_EQ(elapsed.head().status, 200);
  EXPECT_EQ(elapsed.event().value_or(ClientEvent{}).data, "1 s");
  channel.send(get("/channels/robot"));
  ASSERT_EQ(channel.head().status, 200);
  EXPECT_EQ(channel.event().value_or(ClientEvent{}).type, "begin");
  const ClientEvent battery = channel.event().value_or(ClientEvent{});
  EXPECT_EQ(battery.type, "battery");
  EXPECT_NE(battery.data.find(" %"), std::string::npos) << battery.data;
  EXPECT_TRUE(server.stop());
}

TEST(RobotTest, NobodyPublishesOverHttp) {
  bench::ServerProcess server(kProgram, {"--port", "0"});
  Client client(server.port());
  client.send("POST /channels/robot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(client.response().status, 403);
}

}  // namespace
}  // namespace tidings
