#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

class ProgressTest : public testing::Test {
 protected:
  Client follow(std::string_view last_event_id) {
    Client client(server_.port());
    client.send("GET /progress HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + std::string(last_event_id) +
                "\r\n\r\n");
    return client;
  }

  bench::ServerProcess server_{"examples/progress", {"--port", "0"}};
};

TEST_F(ProgressTest, AClientComesBackWhereItWasAndIsToldOnceThatItIsOver) {
  Client first = follow("");
  ASSERT_EQ(first.head().status, 200);
  EXPECT_EQ(first.event()->data, "10 %");
  first.close();
  Client second = follow("80");
  ASSERT_EQ(second.head().status, 200);
  EXPECT_EQ(second.event()->data, "90 %");
  EXPECT_EQ(second.event(), (ClientEvent{"finished", "100 %", "done"}));
  EXPECT_EQ(second.event(), std::nullopt);
  EXPECT_TRUE(second.has_whole_body());
  EXPECT_EQ(follow("done").head().status, 204);
  EXPECT_TRUE(server_.stop());
}

}  // namespace
}  // namespace tidings
