#include "tidings/server/gateway/trusted_proxies.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace tidings {
namespace {

// The length of a prefix, of so many bits at most: digits alone.
std::optional<std::uint8_t> prefix_length(std::string_view text, std::uint8_t most) {
  std::uint8_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size() || length > most) return std::nullopt;
  return length;
}

// Asio's is_subnet_of() is false for a network and itself, so that no address would be in a network of it alone.
bool is_in(const asio::ip::network_v4& network, const asio::ip::address_v4& address) {
  return asio::ip::network_v4(address, network.prefix_length()).canonical() == network;
}

// A zone says by which interface an address is reached, and belongs to no network.
bool is_in(const asio::ip::network_v6& network, const asio::ip::address_v6& address) {
  const asio::ip::address_v6 without_zone(address.to_bytes());
  return asio::ip::network_v6(without_zone, network.prefix_length()).canonical() == network;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& proxies) {
  for (const std::string& proxy : proxies) add(proxy);
}

void TrustedProxies::add(const std::string& proxy) {
  if (proxy == "unix") {
    has_unix_ = true;
    return;
  }
  const std::string_view text = proxy;
  const std::size_t slash = text.find('/');
  if (const auto address = parse_address(text.substr(0, slash))) {
    const std::uint8_t most = address->is_v4() ? 32 : 128;
    const auto length = slash == std::string_view::npos ? most : prefix_length(text.substr(slash + 1), most);
    if (length && address->is_v4()) {
      networks_v4_.push_back(asio::ip::network_v4(address->to_v4(), *length).canonical());
      return;
    }
    if (length) {
      networks_v6_.push_back(asio::ip::network_v6(address->to_v6(), *length).canonical());
      return;
    }
  }
  throw std::invalid_argument("\"" + proxy +
                              "\" is no proxy to trust: give its address or its network, such as 10.0.0.0/8 or "
                              "2001:db8::/32, or unix for those that come by a Unix socket.");
}

bool TrustedProxies::contains(const Peer& peer) const { return peer.address ? contains(*peer.address) : has_unix_; }

bool TrustedProxies::contains(const asio::ip::address& address) const {
  if (address.is_v4()) {
    return std::any_of(networks_v4_.begin(), networks_v4_.end(),
                       [v4 = address.to_v4()](const auto& network) { return is_in(network, v4); });
  }
  return std::any_of(networks_v6_.begin(), networks_v6_.end(),
                     [v6 = address.to_v6()](const auto& network) { return is_in(network, v6); });
}

}  // namespace tidings
