#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(BoardTest, APageHasThePricesOfAllSharesSoon) {
  bench::ServerProcess server("examples/board/board", {"--port", "0"});
  Client client(server.port());
  client.send(get("/channels/prices?last_event_id=oldest"));
  ASSERT_EQ(client.head().status, 200);
  std::set<std::string> shares;
  while (shares.size() < 8) {
    const auto event = client.event();
    ASSERT_TRUE(event);
    if (event->type == "gap") continue;
    const std::size_t space = event->data.find(' ');
    ASSERT_NE(space, std::string::npos) << event->data;
    EXPECT_GT(std::stoi(event->data.substr(space)), 0) << event->data;
    shares.insert(event->data.substr(0, space));
  }
  EXPECT_TRUE(server.stop());
}

TEST(BoardTest, NobodyPublishesOverHttp) {
  bench::ServerProcess server("examples/board/board", {"--port", "0"});
  Client client(server.port());
  client.send("POST /channels/prices HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(client.response().status, 403);
}

}  // namespace
}  // namespace tidings
