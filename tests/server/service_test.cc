// The program as a service manager starts it: with sockets that listen already, and with somebody who waits to hear
// that it is ready.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tidings/bench/rivals/server_process.h"
#include "tidings/tests/server/client.h"
#include "tidings/tests/server/passed_socket.h"

namespace tidings {
namespace {

// A shell that becomes the server, since only the process itself knows the number that LISTEN_PID has to be.
std::vector<std::string> become_server(const std::string& environment, const std::string& flags = "--port 0") {
  return {"-c", environment + " exec server/server " + flags};
}

std::vector<std::string> served_from(const PassedSocket& socket) {
  return become_server("LISTEN_PID=$$ LISTEN_FDS=1", "--shutdown_delay_s 0 3<&" + std::to_string(socket.descriptor()));
}

int health(std::uint16_t port) {
  Client client(port);
  client.send(get("/healthz"));
  return client.response().status;
}

TEST(Service, APassedSocketIsServedAndNobodyIsRefusedUntilTheNextServerHasIt) {
  const PassedSocket socket = PassedSocket::listening();
  bench::ServerProcess first("/bin/bash", served_from(socket));
  EXPECT_EQ(first.port(), socket.port());
  Client stream(socket.port());
  stream.send(get("/channels/demo"));
  EXPECT_EQ(stream.head().status, 200);
  EXPECT_EQ(stream.event().value_or(ClientEvent{}).type, "begin");
  EXPECT_TRUE(first.stop(SIGTERM));
  EXPECT_NE(stream.rest().find("the server is going away"), std::string::npos);

  Client between(socket.port());
  between.send(get("/healthz"));
  const bench::ServerProcess second("/bin/bash", served_from(socket));
  EXPECT_EQ(between.response().status, 200);
}

TEST(Service, APassedUnixSocketIsServedAndItsFileIsWhoeverMadeIts) {
  const std::string path = "/tmp/tidings_service_test_passed_" + std::to_string(getpid());
  const PassedSocket socket = PassedSocket::listening_at(path);
  bench::ServerProcess server("/bin/bash", served_from(socket), bench::ServerProcess::Wait::kNot);
  EXPECT_EQ(server.line(), "Tidings is at unix:" + path + " (Ctrl+C stops it)");
  Client client{std::filesystem::path(path)};
  client.send(get("/healthz"));
  EXPECT_EQ(client.response().status, 200);
  EXPECT_TRUE(server.stop());
  EXPECT_TRUE(std::filesystem::remove(path));
}

TEST(Service, WhatIsPassedToAnotherProcessIsNotTaken) {
  const PassedSocket socket = PassedSocket::listening();
  const std::string descriptor = std::to_string(socket.descriptor());
  const bench::ServerProcess server("/bin/bash",
                                    become_server("LISTEN_PID=1 LISTEN_FDS=1", "--port 0 3<&" + descriptor));
  EXPECT_NE(server.port(), socket.port());
  EXPECT_EQ(health(server.port()), 200);
}

// Where service managers listen for what their services say.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name) : name_(name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    bind(socket_, reinterpret_cast<const sockaddr*>(&address), size);
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~NotifySocket() {
    close(socket_);
    std::filesystem::remove(name_);
  }

  std::string environment() const { return "NOTIFY_SOCKET=" + name_; }
  // Empty after ten seconds.
  std::string next() {
    char bytes[100];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    return std::string(bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }

 private:
  const std::string name_;
  const int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(Service, ItSaysWhenItIsReadyAndAtTheBeginOfItsEnd) {
  const std::string process = std::to_string(getpid());
  // In /tmp, since the path of a folder for tests may be longer than that of a socket may be.
  for (const std::string& name : {"/tmp/tidings_service_test_" + process, "@tidings_service_test_" + process}) {
    NotifySocket manager(name);
    bench::ServerProcess server("/bin/bash", become_server(manager.environment(), "--port 0 --shutdown_delay_s 3600"));
    EXPECT_EQ(manager.next(), "READY=1") << name;
    EXPECT_EQ(health(server.port()), 200);
    kill(server.process(), SIGTERM);
    EXPECT_EQ(manager.next(), "STOPPING=1") << name;
    EXPECT_EQ(health(server.port()), 200) << "it still serves";
  }
}

TEST(Service, AWatchdogHearsThatItLives) {
  NotifySocket manager("/tmp/tidings_service_test_watchdog_" + std::to_string(getpid()));
  const std::string watched = " WATCHDOG_USEC=100000 WATCHDOG_PID=$$";
  bench::ServerProcess server("/bin/bash", become_server(manager.environment() + watched));
  EXPECT_EQ(manager.next(), "READY=1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager.next(), "WATCHDOG=1");
}

TEST(Service, AWatchdogOfAnotherProcessIsNotItsOwn) {
  NotifySocket manager("/tmp/tidings_service_test_watchdog_" + std::to_string(getpid()));
  bench::ServerProcess server("/bin/bash", become_server(manager.environment() + " WATCHDOG_USEC=1000 WATCHDOG_PID=1",
                                                         "--port 0 --shutdown_delay_s 0"));
  EXPECT_EQ(manager.next(), "READY=1");
  EXPECT_EQ(health(server.port()), 200);
  EXPECT_TRUE(server.stop());
  EXPECT_EQ(manager.next(), "STOPPING=1");
}

TEST(Service, WhereNobodyCanHearThatItIsReadyItServesAllTheSame) {
  for (const std::string& name : {std::string("/no/such/socket"), std::string("relative"), std::string(200, '/')}) {
    bench::ServerProcess server("/bin/bash", become_server("NOTIFY_SOCKET=" + name));
    EXPECT_EQ(health(server.port()), 200) << name;
    EXPECT_TRUE(server.stop());
  }
}

}  // namespace
}  // namespace tidings
