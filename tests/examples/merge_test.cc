#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(MergeTest, TheLoudOneIsShoutedAndEachKeepsItsType) {
  bench::ServerProcess server("examples/merge", {"--port", "0"});
  Client client(server.port());
  client.send(get("/both"));
  ASSERT_EQ(client.head().status, 200);
  const auto publish = [&](const std::string& target, const std::string& data) {
    Client publisher(server.port());
    publisher.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(data.size()) +
                   "\r\n\r\n" + data);
    EXPECT_EQ(publisher.response().status, 200);
    const auto event = client.event();
    return event ? event->type + ": " + event->data : "none";
  };
  EXPECT_EQ(publish("/channels/quiet", "psst"), "quiet: psst");
  EXPECT_EQ(publish("/channels/loud", "hey"), "loud: HEY");
  EXPECT_EQ(publish("/channels/quiet?event=loud", "psst"), "quiet/loud: psst");
  EXPECT_EQ(publish("/channels/loud?event=alarm", "fire"), "loud/alarm: FIRE");
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
