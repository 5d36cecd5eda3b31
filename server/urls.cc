#include "tidings/server/urls.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <asio/ip/address.hpp>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>

namespace tidings {
namespace {

std::string url(std::string_view host, std::uint16_t port) {
  std::string text = "http://";
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  if (is_ipv6) text += '[';
  for (const char c : host) text += c == '%' ? std::string("%25") : std::string(1, c);  // before a zone
  if (is_ipv6) text += ']';
  return text.append(":").append(std::to_string(port));
}

// The address, where other machines may use it.
std::optional<asio::ip::address> address_of(const sockaddr* socket_address) {
  if (!socket_address) return std::nullopt;
  asio::ip::address address;
  if (socket_address->sa_family == AF_INET) {
    address = asio::ip::address_v4(ntohl(reinterpret_cast<const sockaddr_in*>(socket_address)->sin_addr.s_addr));
    if ((address.to_v4().to_uint() >> 16) == 0xA9FE) return std::nullopt;  // 169.254: link-local
  } else if (socket_address->sa_family == AF_INET6) {
    asio::ip::address_v6::bytes_type bytes;
    const in6_addr& from = reinterpret_cast<const sockaddr_in6*>(socket_address)->sin6_addr;
    std::copy(std::begin(from.s6_addr), std::end(from.s6_addr), bytes.begin());
    address = asio::ip::address_v6(bytes);
    if (address.to_v6().is_link_local()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (address.is_loopback()) return std::nullopt;
  return address;
}

}  // namespace

bool is_every_address(std::string_view host) {
  std::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_unspecified();
}

std::string local_url(std::string_view host, std::uint16_t port) {
  return url(is_every_address(host) ? "localhost" : host, port);
}

std::vector<std::string> urls_for_others(std::string_view host, std::uint16_t port) {
  if (!is_every_address(host)) return {};
  const bool has_ipv6 = host.find(':') != std::string_view::npos;
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> interfaces(found, freeifaddrs);
  std::vector<std::string> urls;
  for (const ifaddrs* each = found; each; each = each->ifa_next) {
    const auto address = (each->ifa_flags & IFF_UP) != 0 ? address_of(each->ifa_addr) : std::nullopt;
    if (address && (address->is_v4() || has_ipv6)) urls.push_back(url(address->to_string(), port));
  }
  return urls;
}

}  // namespace tidings
