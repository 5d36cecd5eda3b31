#include "tidings/server/gateway/listening_sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <asio/ip/v6_only.hpp>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace tidings {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kMostUnsentBytes = 128 * 1024;
constexpr int kFreePortTries = 16;

std::vector<asio::ip::address> addresses_of(asio::io_context& context, const std::string& host) {
  // Resolvers give both addresses on some machines and one on others, so this does not ask one. Where a machine has
  // turned one family off, the server listens by the other.
  if (host == "localhost") return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  // A socket for each family: one of IPv6 that takes IPv4 too would show the addresses of its IPv4 clients as IPv6
  // ones.
  std::error_code error;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (!error && numeric.is_v6() && numeric.is_unspecified()) {
    return {asio::ip::address_v4::any(), asio::ip::address_v6::any()};
  }
  const auto results = tcp::resolver(context).resolve(host, "0", tcp::resolver::passive, error);
  if (error) throw std::runtime_error("The host " + host + " has no address (" + error.message() + "): check --host.");
  std::vector<asio::ip::address> addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint().address());
  return addresses;
}

// A program that the application starts must not inherit a listening socket, or the port stays taken until it ends.
void keep_from_programs(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// What Linux hands down from a listening socket to those that it accepts, so that it costs none of them a system call.
void set_options_of_connections(int listening, std::chrono::milliseconds write_timeout) {
  const int on = 1;
  setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_NOTSENT_LOWAT
  // A client that does not read shows after this much; the kernel would take megabytes before it said so.
  setsockopt(listening, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMostUnsentBytes, sizeof kMostUnsentBytes);
#endif
#ifdef TCP_USER_TIMEOUT
  // A client whose machine has vanished takes nothing and says nothing; the kernel would try for a quarter of an hour.
  const auto timeout = static_cast<unsigned>(
      std::min<std::chrono::milliseconds::rep>(write_timeout.count(), std::numeric_limits<int>::max()));
  setsockopt(listening, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
#endif
}

// An acceptor that listens, unless `error` says why it can't.
tcp::acceptor listen(asio::io_context& context, const tcp::endpoint& endpoint, std::chrono::milliseconds write_timeout,
                     std::error_code& error) {
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) keep_from_programs(acceptor.native_handle());
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) set_options_of_connections(acceptor.native_handle(), write_timeout);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.listen(kBacklog, error);
  return acceptor;
}

std::string reason(const std::error_code& error, const std::string& host, std::uint16_t port) {
  const std::string place = "port " + std::to_string(port) + " of " + host;
  if (error == asio::error::address_in_use) {
    return "Something listens on " + place + " already: stop it, or choose another port with --port (0: a free one).";
  }
  if (error == asio::error::access_denied) {
    return "This user may not listen on " + place + ": choose a port above 1023 with --port.";
  }
  return "Can't listen on " + place + " (" + error.message() + "): check --host and --port.";
}

int socket_option(int descriptor, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool is_unix(int descriptor) { return socket_option(descriptor, SO_DOMAIN) == AF_UNIX; }

// What a descriptor is instead of a socket that listens, of TCP or a Unix one; empty when it is one.
std::string_view wrong_kind(int descriptor) {
  if (fcntl(descriptor, F_GETFD) < 0) return "is not open";
  if (socket_option(descriptor, SO_TYPE) < 0) return "is no socket";
  const bool is_stream = socket_option(descriptor, SO_TYPE) == SOCK_STREAM;
  if (is_unix(descriptor) ? !is_stream : socket_option(descriptor, SO_PROTOCOL) != IPPROTO_TCP) {
    return "is no socket of TCP and no Unix stream socket";
  }
  if (socket_option(descriptor, SO_ACCEPTCONN) != 1) return "does not listen";
  return {};
}

// Where a Unix socket is bound; an abstract name begins with @ in the place of NUL.
std::string path_of(int descriptor) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const std::size_t length = std::min<std::size_t>(size, sizeof address) - offsetof(sockaddr_un, sun_path);
  std::string path(address.sun_path, length);
  if (path.starts_with('\0')) return '@' + path.substr(1);
  return path.substr(0, path.find('\0'));
}

ListeningSocket listening(asio::io_context& context, tcp::acceptor acceptor) {
  const tcp::endpoint endpoint = acceptor.local_endpoint();
  return {.socket = asio::posix::stream_descriptor(context, acceptor.release()), .endpoint = endpoint};
}

}  // namespace

ListeningSockets listen_on(asio::io_context& context, const std::string& host, std::uint16_t port,
                           std::chrono::milliseconds write_timeout) {
  const std::vector<asio::ip::address> addresses = addresses_of(context, host);
  ListeningSockets sockets;
  std::error_code error;
  for (int tries = port == 0 ? kFreePortTries : 1; tries > 0 && sockets.empty(); --tries) {
    std::uint16_t common = port;
    for (const asio::ip::address& address : addresses) {
      std::error_code failure;
      tcp::acceptor acceptor = listen(context, {address, common}, write_timeout, failure);
      if (failure == asio::error::address_in_use) {  // it listens on all of the addresses or on none
        error = failure;
        sockets.clear();
        break;
      }
      if (failure) {  // perhaps this machine has turned the address's family off: the others may do
        error = failure;
        continue;
      }
      common = acceptor.local_endpoint().port();
      sockets.push_back(listening(context, std::move(acceptor)));
    }
  }
  if (sockets.empty()) throw std::runtime_error(reason(error, host, port));
  return sockets;
}

ListeningSocket listen_on_unix(asio::io_context& context, const std::string& path, mode_t mode) {
  UnixListener listener = listen_at(path, mode, kBacklog);
  return {.socket = asio::posix::stream_descriptor(context, listener.socket.release()),
          .path = path,
          .file = std::move(listener.file)};
}

ListeningSockets take_listening(asio::io_context& context, const std::vector<int>& descriptors,
                                std::chrono::milliseconds write_timeout) {
  ListeningSockets sockets;
  for (const int descriptor : descriptors) {
    if (const std::string_view kind = wrong_kind(descriptor); !kind.empty()) {
      throw std::runtime_error("Descriptor " + std::to_string(descriptor) + " was passed to be listened on, but " +
                               std::string(kind) +
                               ": it has to be a socket that listens, as systemd makes one of ListenStream=9009 or "
                               "ListenStream=/run/tidings.sock.");
    }
    keep_from_programs(descriptor);
    if (is_unix(descriptor)) {
      sockets.push_back({.socket = asio::posix::stream_descriptor(context, descriptor), .path = path_of(descriptor)});
    } else {
      const bool is_ipv6 = socket_option(descriptor, SO_DOMAIN) == AF_INET6;
      set_options_of_connections(descriptor, write_timeout);
      sockets.push_back(listening(context, tcp::acceptor(context, is_ipv6 ? tcp::v6() : tcp::v4(), descriptor)));
    }
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  }
  return sockets;
}

}  // namespace tidings
