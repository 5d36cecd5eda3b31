// Whose request it is that a trusted proxy passes on, and what was asked for, by what the proxy says in the request's
// fields. They are read from the right: the last part is the proxy's own, and each part further left counts only where
// the proxy that it is from is trusted too. So nothing that a client has put there before counts.
//
//   Forwarded: for=192.0.2.1, for=203.0.113.9, for=10.0.0.2       from 10.0.0.1; 10.0.0.0/8 is trusted
//              └ the client's own word   └ the client   └ a proxy
//
// Source: RFC 7239 ("Forwarded HTTP Extension"), without quoted pairs, which nothing that may stand there needs;
// X-Forwarded-For, -Proto and -Host, which no standard has. Pure: any thread.
#pragma once

#include <asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/gateway/trusted_proxies.h"
#include "tidings/server/http/request.h"

namespace tidings {

struct Forwarded {
  // The client; where the proxies say nothing of it, or that they don't know, the last proxy that is known, and nothing
  // where that is the connection's own peer.
  std::optional<asio::ip::address> client = {};
  Request::Scheme scheme = Request::Scheme::kUnknown;
  std::string host = {};  // with its port, if it has one; empty where nobody says it

  bool operator==(const Forwarded&) const = default;
};

// Of a head as RequestReader passes it on, from a trusted proxy. Throws a Refusal (400) when the proxies' word can't be
// read, and when Forwarded and X-Forwarded-For name different clients: one of the two is the client's own invention,
// which a proxy that writes the other has let through.
Forwarded read_forwarded(std::string_view head, const TrustedProxies& trusted);

// Puts the host that was asked for in the place of the head's Host field.
void set_host(std::string& head, std::string_view host);

}  // namespace tidings
