// Who is at the other end of a connection: a numeric address and a port, or nobody with an address, by a Unix socket.
// Source: the manual pages ip(7), ipv6(7) and unix(7). A plain value: one thread at a time; the functions, any thread.
#pragma once

#include <sys/socket.h>

#include <asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidings {

struct Peer {
  std::optional<asio::ip::address> address = {};  // none: by a Unix socket
  std::uint16_t port = 0;

  bool operator==(const Peer&) const = default;
};

// What accept4() says of a peer.
Peer peer_of(const sockaddr_storage& accepted);

// The address, numeric; `unix` for a peer that has none.
std::string text_of(const Peer& peer);

// An IPv4 address that is written as one of IPv6, as itself; others as they are.
asio::ip::address as_itself(const asio::ip::address& address);

// An IPv4 address or an IPv6 address without zone and brackets, as people and proxies write them; nothing where it is
// neither. As as_itself() gives it.
std::optional<asio::ip::address> parse_address(std::string_view text);

}  // namespace tidings
