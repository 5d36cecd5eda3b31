#include <gtest/gtest.h>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(VisitorsTest, WhoComesIsAnnouncedToThoseWhoAreThere) {
  bench::ServerProcess server("examples/visitors", {"--port", "0"});
  const auto come = [&] {
    Client client(server.port());
    client.send(get("/visitors"));
    EXPECT_EQ(client.head().status, 200);
    EXPECT_EQ(client.event()->type, "welcome");
    return client;
  };
  Client first = come(), second = come();
  EXPECT_EQ(first.event()->data, "Somebody has come.");
  Client third = come();
  EXPECT_EQ(second.event()->data, "Somebody has come.");
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
