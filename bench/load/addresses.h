// Where the load comes from and goes to, in the whole program. Set before the first connection, on one thread; read on
// any.
#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace tidings::bench {

struct Addresses {
  std::uint32_t server = INADDR_LOOPBACK;        // in the host's byte order
  std::uint32_t first_client = INADDR_LOOPBACK;  // further clients have the addresses behind it
};

inline Addresses addresses;

}  // namespace tidings::bench
