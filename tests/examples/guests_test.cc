#include <gtest/gtest.h>

#include <string>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

class GuestsTest : public testing::Test {
 protected:
  ClientResponse ask(const std::string& head, const std::string& body = {}) {
    Client client(server_.port());
    client.send(head + " HTTP/1.1\r\nHost: localhost\r\n" + cookie_ + "Content-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return client.head();
  }

  bench::ServerProcess server_{"examples/guests", {"--port", "0"}};
  std::string cookie_;
};

TEST_F(GuestsTest, WhoHasSignedInReadsAllRoomsAndPublishesToOne) {
  Client stranger(server_.port());
  stranger.send(get("/channels/news"));
  EXPECT_EQ(stranger.head().status, 401);
  const std::string given = ask("POST /sign_in", "ada").headers.at("set-cookie");
  cookie_ = "Cookie: " + given.substr(0, given.find(';')) + "\r\n";
  Client guest(server_.port());
  guest.send("GET /channels?name=news&name=rooms.eve HTTP/1.1\r\nHost: h\r\n" + cookie_ + "\r\n");
  EXPECT_EQ(guest.head().status, 200);
  EXPECT_EQ(ask("POST /channels/rooms.ada", "hello").status, 200);
  EXPECT_EQ(ask("POST /channels/rooms.eve", "hello").status, 403);
}

}  // namespace
}  // namespace tidings
