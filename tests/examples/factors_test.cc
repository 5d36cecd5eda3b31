#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(FactorsTest, AnEquationAndWhatTakesTooLong) {
  bench::ServerProcess server("examples/factors", {"--port", "0"});
  const auto data_of = [&](const std::string& target) {
    Client client(server.port());
    client.send(get(target));
    EXPECT_EQ(client.head().status, 200);
    const std::string data = client.event().value_or(ClientEvent{}).data;
    EXPECT_FALSE(client.event());
    return data;
  };
  EXPECT_EQ(data_of("/factors/1234567890"), "1234567890 = 2 * 3 * 3 * 5 * 3607 * 3803");
  EXPECT_EQ(data_of("/factors/18446744073709551557"), "That takes too long.");  // the largest prime of 64 bits
  Client client(server.port());
  client.send(get("/factors/none"));
  EXPECT_EQ(client.response().status, 400);
  EXPECT_TRUE(server.stop()) << "what takes too long was told to stop";
}

}  // namespace
}  // namespace tidings
