#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"

namespace tidings {
namespace {

class LogTailTest : public testing::Test {
 protected:
  LogTailTest() {
    std::filesystem::remove(path_);
    append("one\ntwo\n");
    setenv("LOG_FILE", path_.c_str(), 1);
    server_ = std::make_unique<bench::ServerProcess>("examples/log_tail", std::vector<std::string>{"--port", "0"});
  }

  void append(std::string_view text) { std::ofstream(path_, std::ios::app) << text; }
  Client follow(std::string_view field = "") {
    Client client(server_->port());
    client.send("GET /log HTTP/1.1\r\nHost: localhost\r\n" + std::string(field) + "\r\n");
    EXPECT_EQ(client.head().status, 200);
    return client;
  }

  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / "log_tail_test.log";
  std::unique_ptr<bench::ServerProcess> server_;
};

TEST_F(LogTailTest, LinesComeAsTheyAreWrittenAndNotBeforeTheyAreWhole) {
  Client client = follow();
  EXPECT_EQ(client.event(), (ClientEvent{"message", "one", "4"}));
  EXPECT_EQ(client.event(), (ClientEvent{"message", "two", "8"}));
  append("thr");
  append("ee\nfo");
  EXPECT_EQ(client.event(), (ClientEvent{"message", "three", "14"}));
  append("ur\n");
  EXPECT_EQ(client.event(), (ClientEvent{"message", "four", "19"}));
  EXPECT_TRUE(server_->stop());
}

TEST_F(LogTailTest, WhoComesBackGoesOnBehindTheLastLine) {
  EXPECT_EQ(follow("Last-Event-ID: 4\r\n").event(), (ClientEvent{"message", "two", "8"}));
  EXPECT_EQ(follow("Last-Event-ID: nonsense\r\n").event(), (ClientEvent{"message", "one", "4"}));
}

TEST_F(LogTailTest, WhoIsNewGetsTheLastLinesOfALongFile) {
  append(std::string(10'000, 'x') + "\nlast\n");
  EXPECT_EQ(follow().event().value_or(ClientEvent{}).data, "last");
}

TEST_F(LogTailTest, AFileThatIsBegunAnewIsReadFromItsBeginning) {
  Client client = follow("Last-Event-ID: 8\r\n");
  std::ofstream(path_, std::ios::trunc) << "new\n";
  EXPECT_EQ(client.event(), (ClientEvent{"message", "new", "4"}));
}

TEST_F(LogTailTest, ALineWithoutAnEndComesInPieces) {
  Client client = follow("Last-Event-ID: 8\r\n");
  append(std::string(70'000, 'y'));
  EXPECT_EQ(client.event().value_or(ClientEvent{}).data.size(), 65'536u);
}

TEST_F(LogTailTest, ThePageIsThere) {
  Client client(server_->port());
  client.send(get("/"));
  EXPECT_NE(client.response().body.find("\"/log\""), std::string::npos);
}

}  // namespace
}  // namespace tidings
