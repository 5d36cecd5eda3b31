#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(FirstTest, ThePageAndItsValuesAreThere) {
  bench::ServerProcess server("examples/first/first", {"--port", "0"});
  Client page(server.port());
  page.send(get("/"));
  const ClientResponse document = page.response();
  EXPECT_EQ(document.status, 200);
  EXPECT_NE(document.body.find("<h1 id=\"value\">"), std::string::npos);
  Client client(server.port());
  client.send(get("/values"));
  ASSERT_EQ(client.head().status, 200);
  const int first = std::stoi(client.event().value_or(ClientEvent{}).data);
  EXPECT_EQ(std::stoi(client.event().value_or(ClientEvent{}).data), (first + 1) % 1000);
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
