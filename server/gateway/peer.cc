#include "tidings/server/gateway/peer.h"

#include <netinet/in.h>

#include <algorithm>
#include <iterator>
#include <system_error>

namespace tidings {

Peer peer_of(const sockaddr_storage& accepted) {
  if (accepted.ss_family == AF_INET) {
    const auto& from = reinterpret_cast<const sockaddr_in&>(accepted);
    return {asio::ip::address_v4(ntohl(from.sin_addr.s_addr)), ntohs(from.sin_port)};
  }
  if (accepted.ss_family == AF_INET6) {
    const auto& from = reinterpret_cast<const sockaddr_in6&>(accepted);
    asio::ip::address_v6::bytes_type bytes;
    std::copy(std::begin(from.sin6_addr.s6_addr), std::end(from.sin6_addr.s6_addr), bytes.begin());
    // A socket of IPv6 that takes IPv4 too shows the addresses of those clients as IPv6 ones.
    return {as_itself(asio::ip::address_v6(bytes, from.sin6_scope_id)), ntohs(from.sin6_port)};
  }
  return {};
}

std::string text_of(const Peer& peer) {
  if (!peer.address) return "unix";
  if (!peer.address->is_v4()) return peer.address->to_string();
  // As to_string() gives it, which goes through sprintf.
  std::string text;
  for (const unsigned char part : peer.address->to_v4().to_bytes()) {
    if (!text.empty()) text += '.';
    text += std::to_string(part);
  }
  return text;
}

asio::ip::address as_itself(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

std::optional<asio::ip::address> parse_address(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) return std::nullopt;
  std::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return as_itself(address);
}

}  // namespace tidings
