// The network of the cluster's kills passes on everything, holds it up and cuts it, as it is told.
#include "tidings/bench/kills/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "tidings/bench/load/socket.h"

namespace tidings::bench {
namespace {

// A server's end of connections.
class Target {
 public:
  Target() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      ADD_FAILURE() << "it does not listen";
    }
    port_ = ntohs(address.sin_port);
  }
  ~Target() {
    if (connection_ >= 0) close(connection_);
    close(listener_);
  }

  std::uint16_t port() const { return port_; }
  void accept() { connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); }
  bool is_asked() const {
    pollfd waited{.fd = listener_, .events = POLLIN, .revents = 0};
    return poll(&waited, 1, 0) == 1;
  }
  void send(std::string_view text) const { ::send(connection_, text.data(), text.size(), MSG_NOSIGNAL); }
  // So many bytes, or as many as come before the end or a reset.
  std::string receive(std::size_t count) const {
    std::string text(count, '\0');
    const ssize_t got = recv(connection_, text.data(), count, MSG_WAITALL);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  int listener_, connection_ = -1;
  std::uint16_t port_ = 0;
};

std::string receive(Socket& socket, std::size_t count) {
  std::string text(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const ssize_t got = socket.receive(std::span(text).subspan(have));
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

class RelayTest : public testing::Test {
 protected:
  RelayTest() : client_(Socket::connect(relay_.port(), Socket::Mode::kBlocking)) { target_.accept(); }

  Target target_;
  Relay relay_{target_.port()};
  Socket client_;
};

TEST_F(RelayTest, PassesOnBothWays) {
  const std::string much(1 << 20, 'x');
  client_.send("there");
  EXPECT_EQ(target_.receive(5), "there");
  target_.send("back");
  EXPECT_EQ(receive(client_, 4), "back");
  std::thread sending([&] { target_.send(much); });
  EXPECT_EQ(receive(client_, much.size()), much);
  sending.join();
}

TEST_F(RelayTest, WhatIsHeldUpComesWhenItIsReleased) {
  relay_.hold();
  client_.send("late");
  Socket other = Socket::connect(relay_.port(), Socket::Mode::kBlocking);
  EXPECT_FALSE(target_.is_asked());
  relay_.release();
  EXPECT_EQ(target_.receive(4), "late");
  target_.accept();
  other.send("too");
  EXPECT_EQ(target_.receive(3), "too");
}

TEST_F(RelayTest, WhatIsHeldUpIsGoneWhenItIsCut) {
  relay_.hold();
  client_.send("never");
  relay_.cut();
  EXPECT_EQ(target_.receive(5), "");
  EXPECT_EQ(receive(client_, 1), "");
  Socket next = Socket::connect(relay_.port(), Socket::Mode::kBlocking);
  target_.accept();
  next.send("again");
  EXPECT_EQ(target_.receive(5), "again");
}

TEST_F(RelayTest, LeadsToAnotherServer) {
  Target other;
  relay_.lead_to(other.port());
  EXPECT_EQ(receive(client_, 1), "");
  Socket next = Socket::connect(relay_.port(), Socket::Mode::kBlocking);
  other.accept();
  next.send("hello");
  EXPECT_EQ(other.receive(5), "hello");
}

TEST_F(RelayTest, WhereNobodyListensItsClientIsReset) {
  std::uint16_t nobodys = 0;
  {
    const Target gone;
    nobodys = gone.port();
  }
  relay_.lead_to(nobodys);
  Socket next = Socket::connect(relay_.port(), Socket::Mode::kBlocking);
  EXPECT_EQ(receive(next, 1), "");
}

}  // namespace
}  // namespace tidings::bench
