// Unix sockets: their files, who may come by them, and the server behind one.
#include "tidings/server/gateway/unix_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tidings/server/server.h"
#include "tidings/tests/server/passed_socket.h"
#include "tidings/tests/server/running_server.h"

namespace tidings {
namespace {

class UnixSocketTest : public testing::Test {
 protected:
  // In /tmp, since the path of a folder for tests may be longer than that of a socket may be.
  UnixSocketTest() : folder_("/tmp/tidings_unix_socket_test_" + std::to_string(getpid())) {
    std::filesystem::create_directory(folder_);
  }
  ~UnixSocketTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "socket") const { return (folder_ / name).native(); }
  // The sentence by which a path is refused; empty when it is taken.
  static std::string refusal(const std::string& path) {
    try {
      listen_at(path, 0600, 16);
      return {};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  const std::filesystem::path folder_;
};

TEST_F(UnixSocketTest, ItsFileHasTheModeThatWasAskedForWhateverTheUmaskIs) {
  const mode_t before = umask(0777);
  const UnixListener listener = listen_at(path(), 0640, 16);
  umask(before);
  struct stat file {};
  ASSERT_EQ(stat(path().c_str(), &file), 0);
  EXPECT_TRUE(S_ISSOCK(file.st_mode));
  EXPECT_EQ(file.st_mode & 0777, 0640u);
}

TEST_F(UnixSocketTest, ItsFileGoesWithIt) {
  { const UnixListener listener = listen_at(path(), 0600, 16); }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, AFileThatIsAnothersByNowStays) {
  {
    const UnixListener listener = listen_at(path(), 0600, 16);
    std::filesystem::rename(path(), path("moved"));
    std::ofstream(path()) << "another";
  }
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, WhatAKilledServerHasLeftIsReplaced) {
  { const PassedSocket left = PassedSocket::listening_at(path()); }  // closed, and its file still there
  ASSERT_TRUE(std::filesystem::exists(path()));
  const UnixListener listener = listen_at(path(), 0600, 16);
  EXPECT_NO_THROW(Client{std::filesystem::path(path())});
}

TEST_F(UnixSocketTest, WhatCannotBeListenedOnIsRefusedWithASentenceAndLeftAsItIs) {
  const UnixListener taken = listen_at(path(), 0600, 16);
  EXPECT_EQ(refusal(path()), "Can't listen on unix:" + path() +
                                 ": something listens there already. Stop it, or choose another path with --listen.");
  std::ofstream(path("file")) << "mine";
  EXPECT_NE(refusal(path("file")).find("there is a file that is no socket"), std::string::npos);
  std::filesystem::create_directory(path("folder"));
  EXPECT_NE(refusal(path("folder")).find("there is a file that is no socket"), std::string::npos);
  EXPECT_NE(refusal(path("no/folder")).find("No such file or directory"), std::string::npos);
  EXPECT_NE(refusal("").find("a path has 1 to 107 bytes"), std::string::npos);
  EXPECT_NE(refusal('/' + std::string(107, 'x')).find("a path has 1 to 107 bytes"), std::string::npos);
  EXPECT_NO_THROW(Client{std::filesystem::path(path())});
  EXPECT_EQ(std::filesystem::file_size(path("file")), 4u);
  EXPECT_TRUE(std::filesystem::exists(path("folder")));
}

Answer who(const Request& request) { return {.body = request.remote_address}; }

EventStream hello() { co_yield Event("hello"); }

TEST_F(UnixSocketTest, TheServerAnswersThereBesideItsPortAndTheFileIsGoneWhenItHasStopped) {
  RunningServer running(
      [](Server& server) {
        server.get("/who", who);
        server.stream("/hello", [](Request, Loop&) { return hello(); });
      },
      {.unix_sockets = {path()}});
  EXPECT_EQ(running.server().unix_paths(), std::vector<std::string>{path()});
  Client by_path{std::filesystem::path(path())}, by_port = running.connect();
  by_path.send(get("/who"));
  EXPECT_EQ(by_path.response().body, "unix");
  by_path.send(get("/hello"));
  EXPECT_EQ(by_path.head().status, 200);
  EXPECT_EQ(by_path.event().value_or(ClientEvent{}).data, "hello");
  by_port.send(get("/who"));
  EXPECT_EQ(by_port.response().body, "127.0.0.1");
  by_path.close();
  running.stop();
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocketTest, WhereThereIsNoPortTheUrlIsItsPath) {
  RunningServer running([](Server& server) { server.get("/who", who); }, {.tcp = false, .unix_sockets = {path()}});
  EXPECT_EQ(running.server().url(), "unix:" + path());
  EXPECT_TRUE(running.server().urls_for_others().empty());
  EXPECT_THROW(running.server().port(), std::logic_error);
  Client client{std::filesystem::path(path())};
  client.send(get("/who"));
  EXPECT_EQ(client.response().body, "unix");
}

TEST_F(UnixSocketTest, AProxyThatComesByItIsTrustedByThatName) {
  for (const auto& [trusted, client_of] : {std::pair("unix", "203.0.113.9"), std::pair("::/0", "unix")}) {
    const RunningServer running([](Server& server) { server.get("/who", who); },
                                {.unix_sockets = {path()}, .trusted_proxies = {trusted}});
    Client client{std::filesystem::path(path())};
    client.send("GET /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
    EXPECT_EQ(client.response().body, client_of) << trusted;
  }
}

// A peer may have a path of its own, as long as one can be.
TEST_F(UnixSocketTest, AClientWhoseOwnSocketHasAPathIsAnsweredToo) {
  const RunningServer running([](Server& server) { server.get("/who", who); }, {.unix_sockets = {path()}});
  const std::string own = path(std::string(107 - path("").size(), 'x'));
  const PassedSocket socket = PassedSocket::connecting_from(own, path());
  const std::string request = get("/who");
  EXPECT_EQ(send(socket.descriptor(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  char bytes[512];
  EXPECT_GT(recv(socket.descriptor(), bytes, sizeof bytes, 0), 0);
}

}  // namespace
}  // namespace tidings
