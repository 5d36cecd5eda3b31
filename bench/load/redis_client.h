// Asks Redis one thing after the other on a connection, and blocks. Of the protocol it knows what that takes. Source:
// "Redis serialization protocol specification". One thread at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tidings/bench/load/socket.h"

namespace tidings::bench {

class RedisClient {
 public:
  // Throws std::system_error.
  explicit RedisClient(std::uint16_t port) : socket_(Socket::connect(port, Socket::Mode::kBlocking)) {}

  // A command whose answer is one text or number, which it returns. Throws std::runtime_error where it is another one,
  // an error, or none in 10 s.
  std::string ask(std::initializer_list<std::string_view> command);

  // By XADD; returns the entry's id.
  std::string add(std::string_view stream, std::string_view data) { return ask({"XADD", stream, "*", "d", data}); }

 private:
  Socket socket_;
};

}  // namespace tidings::bench
