// The program where descriptors are few: nobody hangs, streams leave room for pages, and whoever idles makes room.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstddef>
#include <list>
#include <string>
#include <string_view>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

class DescriptorsTest : public testing::Test {
 protected:
  Client& open(std::string_view request) {
    Client& client = clients_.emplace_back(server_.port());
    client.send(request);
    return client;
  }
  int status(std::string_view request) {
    Client client(server_.port());
    client.send(request);
    return client.response().status;
  }
  void expect_all_is_served() {
    EXPECT_EQ(status(get("/")), 200);
    EXPECT_EQ(status(get("/healthz")), 200);
    EXPECT_EQ(status(get("/metrics")), 200);
    EXPECT_EQ(status("POST /channels/demo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), 200);
  }

  bench::ServerProcess server_{"/bin/sh", {"-c", "ulimit -n 64; exec server/server --port 0 --threads 2"}};
  std::list<Client> clients_;
};

TEST_F(DescriptorsTest, StreamsLeaveRoomForEverythingElse) {
  int open_streams = 0;
  for (int i = 0; i < 70; ++i) {
    Client& client = open(get("/channels/demo"));
    const ClientResponse response = client.head();
    if (response.status == 200) {
      ++open_streams;
      continue;
    }
    EXPECT_EQ(response.status, 503) << i;
    EXPECT_EQ(response.headers.count("retry-after"), 1u) << i;
  }
  EXPECT_GE(open_streams, 16);
  EXPECT_LE(open_streams, 48);
  expect_all_is_served();
}

TEST_F(DescriptorsTest, WhoeverHasBeenIdleForLongestMakesRoom) {
  for (int i = 0; i < 80; ++i) EXPECT_EQ(open(get("/healthz")).response().status, 200) << i;
  EXPECT_TRUE(clients_.front().is_ended());
  expect_all_is_served();
  EXPECT_EQ(open(get("/channels/demo")).head().status, 200) << "a stream needs a place below the reserve";
}

TEST_F(DescriptorsTest, WhoeverConnectsAndSaysNothingMakesRoom) {
  for (int i = 0; i < 80; ++i) open("");
  expect_all_is_served();
}

TEST_F(DescriptorsTest, WhereNobodyCanMakeRoomClientsAreRefusedAtOnce) {
  for (int i = 0; i < 60; ++i) open("GET /healthz HTT");
  int refused = 0;
  for (int i = 0; i < 5; ++i) refused += status(get("/healthz")) == 503 ? 1 : 0;
  EXPECT_EQ(refused, 5);
  clients_.clear();
  for (int tries = 0; tries < 1000 && status(get("/healthz")) != 200; ++tries) {
  }
  expect_all_is_served();
}

// The limit is lowered under it, as when the application itself holds the rest.
TEST_F(DescriptorsTest, AClientThatThereIsNoDescriptorForIsToldSo) {
  Client stream(server_.port());
  stream.send(get("/channels/demo"));
  EXPECT_EQ(stream.head().status, 200);
  // The stream has been opened to its end when an event comes: UBSan takes a pipe for what it looks at for the first
  // time.
  EXPECT_EQ(status("POST /channels/demo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), 200);
  stream.until("data: x\n");
  const rlimit none{.rlim_cur = 8, .rlim_max = 64}, all{.rlim_cur = 64, .rlim_max = 64};
  ASSERT_EQ(prlimit(server_.process(), RLIMIT_NOFILE, &none, nullptr), 0);
  Client refused(server_.port());
  refused.send(get("/healthz"));
  ASSERT_EQ(prlimit(server_.process(), RLIMIT_NOFILE, &all, nullptr), 0);
  EXPECT_GE(refused.response().status, 200) << "it is answered, whichever way";
  expect_all_is_served();
}

}  // namespace
}  // namespace tidings
