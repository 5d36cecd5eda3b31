// The header by which a proxy says, before anything else on a connection, from whom that one is: the PROXY protocol,
// versions 1 (a line of text) and 2 (binary). Bounded and strict, since whoever sends it is believed: an end that two
// readers could see in two places is none. Source: https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt,
// sections "Human-readable header format (Version 1)" and "Binary header format (version 2)". Knows no socket and no
// time. One thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/server/gateway/peer.h"

namespace tidings {

class ProxyHeader {
 public:
  // The longest that is taken of version 2, what is said beside the addresses included; of version 1 the protocol
  // itself allows 107 bytes.
  static constexpr std::size_t kMostBytes = 4096;

  enum class State {
    kPartial,  // what has come may be the beginning of one
    kWhole,    // source() is known; the rest of the bytes belongs to the first request
    kWrong,    // for good
  };

  // Takes bytes until the header is whole or wrong; returns how many it took.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }
  // In kWhole: who has connected to the proxy. Empty where the proxy speaks for itself, as for a check of the server's
  // health, or does not say: then the connection's own peer counts.
  const std::optional<Peer>& source() const { return source_; }
  // Memory that it keeps.
  std::size_t kept_bytes() const { return header_.capacity(); }

 private:
  // What the bytes are that have come, the last of which came just now.
  State judge();
  State judge_text();
  State judge_binary();

  State state_ = State::kPartial;
  std::string header_;
  std::optional<Peer> source_;
};

}  // namespace tidings
