// The proxies whose word counts: by their networks, and by Unix sockets. Whoever connects from anywhere else speaks for
// nobody but itself. Immutable: any thread.
#pragma once

#include <asio/ip/address.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <string>
#include <vector>

#include "tidings/server/gateway/peer.h"

namespace tidings {

class TrustedProxies {
 public:
  TrustedProxies() = default;  // none
  // Each is a network such as 10.0.0.0/8 or 2001:db8::/32, an address alone, or `unix` for whoever comes by a Unix
  // socket. Throws std::invalid_argument with a sentence for what is none of these.
  explicit TrustedProxies(const std::vector<std::string>& proxies);

  bool contains(const Peer& peer) const;
  bool contains(const asio::ip::address& address) const;

 private:
  void add(const std::string& proxy);

  std::vector<asio::ip::network_v4> networks_v4_;
  std::vector<asio::ip::network_v6> networks_v6_;
  bool has_unix_ = false;
};

}  // namespace tidings
