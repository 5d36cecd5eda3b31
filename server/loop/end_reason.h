// Why an event stream has ended: counted by each loop, and told by the access log.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tidings {

enum class EndReason : unsigned char {
  kClientLeft,    // the client has closed its connection, or the connection broke
  kReturned,      // its generator has returned
  kFailed,        // its generator has ended by an exception
  kSlow,          // the client did not read for the write timeout
  kFallenBehind,  // the client was behind all that is kept of a channel that disconnects whoever is
  kGrantOver,     // the grant that let the client in has ended
  kDrained,       // the server was going away, and has said so
  kCutOff,        // the server had gone away before it could say so
};

// Their names for metrics and logs, by the reasons' values.
inline constexpr std::array<std::string_view, 8> kEndReasonNames{"client_left",   "returned",   "failed",  "slow",
                                                                 "fallen_behind", "grant_over", "drained", "cut_off"};

inline constexpr std::string_view name_of(EndReason reason) {
  return kEndReasonNames[static_cast<std::size_t>(reason)];
}

}  // namespace tidings
