// A plain blocking HTTP client for tests: exact bytes out, whatever comes back in. Every wait ends after ten seconds,
// with what has come until then. Behind the head of a chunked response it gives out what is in the chunks. One thread.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/bench/load/chunked_body.h"
#include "tidings/protocol/parser.h"

namespace tidings {

// A response's fields as they came, in order and with repeats; names in lower case.
class ClientHeaders {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  std::size_t count(std::string_view name) const;
  // The value of the one field of this name. Throws std::out_of_range where there is none or more than one.
  const std::string& at(std::string_view name) const;
  // The name of a field that stands twice, but for Set-Cookie, the only one that browsers take twice; else empty.
  std::string repeated() const;
  const Fields& all() const { return fields_; }

 private:
  Fields fields_;
};

struct ClientResponse {
  int status = 0;  // 0: the connection ended before a whole response
  ClientHeaders headers;
  std::string body;
};

struct ClientEvent {
  std::string type, data, last_event_id;
  bool operator==(const ClientEvent&) const = default;
};

class Client {
 public:
  explicit Client(std::uint16_t port, bool is_ipv6 = false);
  // By the Unix socket at this path. Both throw std::runtime_error where nobody listens.
  explicit Client(const std::filesystem::path& path);
  Client(Client&& other) noexcept;
  Client(const Client&) = delete;
  ~Client();

  // False when the connection is broken.
  bool send(std::string_view bytes);
  // One response with a length; `is_head`: its body is not sent. Throws std::runtime_error where a field stands twice.
  ClientResponse response(bool is_head = false);
  // A response's status line and headers, for an event stream. Throws as response() does.
  ClientResponse head();
  // The next event of a stream; empty when it ended.
  std::optional<ClientEvent> event();
  // All bytes until the end of the connection, those already received included.
  std::string rest();
  // Bytes until `text` has come, it included.
  std::string until(std::string_view text);
  // Whether the last chunk of a chunked body has come.
  bool has_whole_body() const { return has_whole_body_; }
  // Whether the connection has ended by RST.
  bool was_reset() const { return was_reset_; }
  // Whether the connection ends without another byte.
  bool is_ended() { return rest().empty() && has_ended_; }

  // Tells the server that nothing more comes; reading goes on.
  void finish();
  void close();
  // Ends the connection with RST.
  void reset();

  // Reconnection time that the stream has set.
  std::optional<std::chrono::milliseconds> reconnection_time() const { return parser_.reconnection_time(); }

 private:
  void connect_to(const sockaddr_storage& address, socklen_t size, const std::string& name);
  bool receive();
  void take(std::string_view bytes);

  int socket_ = -1;
  std::optional<bench::ChunkedBody> chunks_;  // of the response's body
  bool has_whole_body_ = false;
  bool was_reset_ = false;
  bool has_ended_ = false;  // by FIN or RST, not by a time-out of ours
  std::string received_;
  Parser parser_;
  std::deque<ClientEvent> events_;
};

// GET with a Host field and nothing else.
std::string get(std::string_view target);

}  // namespace tidings
