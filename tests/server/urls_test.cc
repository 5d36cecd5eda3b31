#include "tidings/server/urls.h"

#include <gtest/gtest.h>

#include <string>

#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

TEST(Urls, TheLocalOneWorksForEachKindOfHost) {
  EXPECT_EQ(local_url("localhost", 9009), "http://localhost:9009");
  EXPECT_EQ(local_url("robot.example", 80), "http://robot.example:80");
  EXPECT_EQ(local_url("127.0.0.1", 9009), "http://127.0.0.1:9009");
  EXPECT_EQ(local_url("::1", 9009), "http://[::1]:9009");
  EXPECT_EQ(local_url("fe80::1%eth0", 9009), "http://[fe80::1%25eth0]:9009");
  EXPECT_EQ(local_url("0.0.0.0", 9009), "http://localhost:9009");
  EXPECT_EQ(local_url("::", 9009), "http://localhost:9009");
  EXPECT_EQ(local_url("0:0::0", 9009), "http://localhost:9009");
}

TEST(Urls, OthersHaveSomeOnlyWhereItListensForThem) {
  EXPECT_TRUE(urls_for_others("localhost", 9009).empty());
  EXPECT_TRUE(urls_for_others("127.0.0.1", 9009).empty());
  for (const std::string& url : urls_for_others("::", 9009)) {
    EXPECT_EQ(url.find("127.0.0.1"), std::string::npos) << url;
    EXPECT_EQ(url.find("fe80"), std::string::npos) << url;
  }
}

TEST(Urls, EveryAddressIsThoseOfBothFamilies) {
  ServerOptions options;
  options.host = "::";
  RunningServer running([](Server& server) { server.get("/", [](const Request&) { return Answer{.body = "here"}; }); },
                        options);
  const std::uint16_t port = running.server().port();
  for (const bool is_ipv6 : {false, true}) {
    Client client(port, is_ipv6);
    client.send(get("/"));
    EXPECT_EQ(client.response().body, "here") << (is_ipv6 ? "IPv6" : "IPv4");
  }
}

}  // namespace
}  // namespace tidings
