// A socket that a test hands to a server, as a service manager does. Programs that the test starts inherit it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace tidings {

class PassedSocket {
 public:
  // Any socket.
  PassedSocket(int family, int type) : descriptor_(socket(family, type, 0)) {}
  PassedSocket(const PassedSocket&) = delete;
  ~PassedSocket() { close(descriptor_); }

  // One that listens on a free port of 127.0.0.1.
  static PassedSocket listening() { return PassedSocket(); }
  // One of IPv6 that takes IPv4 too, as systemd makes it where it is given a port alone.
  static PassedSocket listening_for_both() { return PassedSocket(in6addr_any); }

  // A Unix socket that listens at this path.
  static PassedSocket listening_at(const std::string& path) { return PassedSocket(path); }

  // One that is bound to the first path, and connected to who listens at the second.
  static PassedSocket connecting_from(const std::string& path, const std::string& other) {
    return PassedSocket(path, other);
  }

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }

 private:
  PassedSocket() : PassedSocket(AF_INET, SOCK_STREAM) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size);
    listen(descriptor_, 16);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  explicit PassedSocket(const in6_addr& any) : PassedSocket(AF_INET6, SOCK_STREAM) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = any;
    socklen_t size = sizeof address;
    const int no = 0;
    setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size);
    listen(descriptor_, 16);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin6_port);
  }

  explicit PassedSocket(const std::string& path) : PassedSocket(AF_UNIX, SOCK_STREAM) {
    bind_to(path);
    listen(descriptor_, 16);
  }
  PassedSocket(const std::string& path, const std::string& other) : PassedSocket(AF_UNIX, SOCK_STREAM) {
    bind_to(path);
    const sockaddr_un address = address_of(other);
    connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.begin(), std::min(path.size(), sizeof address.sun_path), address.sun_path);
    return address;
  }
  void bind_to(const std::string& path) const {
    const sockaddr_un address = address_of(path);
    bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

  const int descriptor_;
  std::uint16_t port_ = 0;
};

}  // namespace tidings
