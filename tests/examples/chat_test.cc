#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

class ChatTest : public testing::Test {
 protected:
  int say(std::string_view text, std::string_view fields = "") {
    Client client(server_.port());
    client.send("POST /channels/chat HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
                "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + std::string(text));
    return client.response().status;
  }

  bench::ServerProcess server_{"examples/chat/chat", {"--port", "0"}};
};

TEST_F(ChatTest, WhoComesGetsWhatWasSaidAndThenWhatIsSaid) {
  EXPECT_EQ(say("Ada\nHello"), 200);
  EXPECT_EQ(say("Eve\n<script>alert(1)</script>\nand more"), 200);
  Client client(server_.port());
  client.send(get("/channels/chat?last_event_id=oldest"));
  ASSERT_EQ(client.head().status, 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).type, "gap");
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "Ada\nHello");
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "Eve\n<script>alert(1)</script>\nand more");
  EXPECT_EQ(say("Ada\nBye"), 200);
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data, "Ada\nBye");
  EXPECT_TRUE(server_.stop());
}

TEST_F(ChatTest, OtherSitesPagesAndLongTextsAreRefused) {
  EXPECT_EQ(say("Eve\nHello", "Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(say(std::string(5000, 'x')), 413);
  EXPECT_EQ(say("\xFF"), 400);
}

TEST_F(ChatTest, ThePageIsOneDocumentThatRunsItsOwnScriptsAlone) {
  Client client(server_.port());
  client.send(get("/"));
  const ClientResponse page = client.response();
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.at("content-security-policy").find("unsafe-inline"), std::string::npos);
  EXPECT_NE(page.body.find("<title>A chat</title>"), std::string::npos);
}

}  // namespace
}  // namespace tidings
