// Two connected sockets: the near one for what is tested, the far one for its client.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "tidings/server/loop/socket.h"

namespace tidings {

class SocketPair {
 public:
  SocketPair() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    near_ = Socket(ends[0]);
    far_ = Socket(ends[1]);
  }

  int socket() const { return near_.descriptor(); }
  Socket take() { return std::move(near_); }

  // What has come; "" when nothing has.
  std::string received() { return received_at_most(1 << 16); }
  std::string received_at_most(std::size_t size) {
    std::string all(size, '\0');
    const Socket::Received found = far_.receive(all);
    has_ended_ = found.is_end;
    return all.substr(0, found.bytes);
  }
  // Whether the last received() found the end.
  bool has_ended() const { return has_ended_; }

  // Nothing when the near one has been closed.
  void send(std::string_view bytes) {
    const ssize_t sent = ::send(far_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    EXPECT_TRUE(sent == static_cast<ssize_t>(bytes.size()) || errno == EPIPE);
  }
  // It sends nothing more, and still receives.
  void end() { shutdown(far_.descriptor(), SHUT_WR); }
  void leave() { far_ = Socket(); }

 private:
  Socket near_, far_;
  bool has_ended_ = false;
};

}  // namespace tidings
