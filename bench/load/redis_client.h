// Adds to a stream of Redis by XADD, one after the other on a connection, and blocks. Of the protocol it knows what
// that takes. Source: "Redis serialization protocol specification". One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tidings/bench/load/socket.h"

namespace tidings::bench {

class RedisClient {
 public:
  // Throws std::system_error.
  explicit RedisClient(std::uint16_t port) : socket_(Socket::connect(port, Socket::Mode::kBlocking)) {}

  // Returns the entry's id. Throws std::runtime_error where none comes.
  std::string add(std::string_view stream, std::string_view data);

 private:
  Socket socket_;
};

}  // namespace tidings::bench
