#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(TelemetryTest, EachEventHasANewerPose) {
  bench::ServerProcess server("examples/telemetry", {"--port", "0"});
  Client client(server.port());
  client.send(get("/pose"));
  ASSERT_EQ(client.head().status, 200);
  std::string last;
  for (int i = 0; i < 5; ++i) {
    const ClientEvent event = client.event().value_or(ClientEvent{});
    EXPECT_EQ(event.type, "pose");
    const std::string& data = event.data;
    EXPECT_TRUE(data.starts_with("{\"x\":") && data.ends_with("}")) << data;
    EXPECT_NE(data, last);
    last = data;
  }
  Client page(server.port());
  page.send(get("/"));
  EXPECT_NE(page.response().body.find("\"/pose\""), std::string::npos);
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
