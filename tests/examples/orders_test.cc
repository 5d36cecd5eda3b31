#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

TEST(OrdersTest, WhatIsOrderedComesToTheKitchenInOrder) {
  bench::ServerProcess server("examples/orders", {"--port", "0"});
  const auto order = [&](const std::string& dish) {
    Client client(server.port());
    client.send("POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(dish.size()) +
                "\r\n\r\n" + dish);
    return client.response().status;
  };
  EXPECT_EQ(order("soup"), 202);
  Client kitchen(server.port());
  kitchen.send(get("/kitchen"));
  ASSERT_EQ(kitchen.head().status, 200);
  EXPECT_EQ(kitchen.event(), (ClientEvent{"order", "soup", ""}));
  EXPECT_EQ(order("bread"), 202);
  EXPECT_EQ(kitchen.event(), (ClientEvent{"order", "bread", ""}));
  EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace tidings
