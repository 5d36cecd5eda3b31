// A client that asks for pages one after the other on a keep-alive connection, and blocks: so it measures what a page's
// visitor waits for, without an HTTP library's share. Of bodies it knows those with a Content-Length alone. One thread
// at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tidings/bench/load/socket.h"

namespace tidings::bench {

// The publish token of our server while it is measured: what is published with a token is not limited in its rate.
inline constexpr const char* kPublishToken = "bench";

struct Page {
  int status = 0;
  std::string body;
};

class PageClient {
 public:
  // Throws std::system_error.
  explicit PageClient(std::uint16_t port) : socket_(Socket::connect(port, Socket::Mode::kBlocking)) {}

  // Throws std::runtime_error where no whole answer comes within 10 s.
  Page get(std::string_view target);
  // `fields` are further ones, each with its line end.
  Page post(std::string_view target, std::string_view body, std::string_view fields = {});

 private:
  Page ask(const std::string& request);
  void receive(std::string& text);

  Socket socket_;
};

}  // namespace tidings::bench
