#include "tidings/bench/load/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "tidings/bench/load/addresses.h"

namespace tidings::bench {
namespace {

// Nothing that a benchmark waits for takes longer, unless it has failed.
constexpr timeval kBlockingTimeout{.tv_sec = 10, .tv_usec = 0};

sockaddr_in endpoint(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

void set(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace

Socket Socket::connect(std::uint16_t port, Mode mode, std::uint8_t source, std::optional<int> receive_buffer_bytes) {
  const int non_blocking = mode == Mode::kNonBlocking ? SOCK_NONBLOCK : 0;
  Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | non_blocking, 0));
  if (!made.is_open()) fail("socket");
  set(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, 1);
  if (receive_buffer_bytes) set(made.descriptor_, SOL_SOCKET, SO_RCVBUF, *receive_buffer_bytes);
  if (mode == Mode::kBlocking) {
    setsockopt(made.descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kBlockingTimeout, sizeof kBlockingTimeout);
    setsockopt(made.descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kBlockingTimeout, sizeof kBlockingTimeout);
  }
  if (source != 1) {
    // The port is chosen by connect(): bind() would want one that no other destination uses either.
    set(made.descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    const sockaddr_in from = endpoint(addresses.first_client + source - 1, 0);
    if (::bind(made.descriptor_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
  }
  const sockaddr_in to = endpoint(addresses.server, port);
  if (::connect(made.descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
    fail("connect");
  }
  return made;
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

ssize_t Socket::send(std::string_view bytes) { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

ssize_t Socket::receive(std::span<char> buffer) { return ::recv(descriptor_, buffer.data(), buffer.size(), 0); }

void Socket::close() {
  if (is_open()) ::close(std::exchange(descriptor_, -1));
}

}  // namespace tidings::bench
