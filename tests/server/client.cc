#include "tidings/tests/server/client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace tidings {

std::size_t ClientHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; }));
}

const std::string& ClientHeaders::at(std::string_view name) const {
  if (count(name) != 1) throw std::out_of_range("the response has not one field " + std::string(name));
  return std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == name; })->second;
}

std::string ClientHeaders::repeated() const {
  for (const auto& [name, value] : fields_) {
    if (name != "set-cookie" && count(name) > 1) return name;
  }
  return {};
}

Client::Client(std::uint16_t port, bool is_ipv6) {
  sockaddr_storage address{};
  socklen_t size = 0;
  if (is_ipv6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v6.sin6_port = htons(port);
    size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    v4.sin_port = htons(port);
    size = sizeof v4;
  }
  connect_to(address, size, "port " + std::to_string(port));
}

Client::Client(const std::filesystem::path& path) {
  sockaddr_storage address{};
  auto& local = reinterpret_cast<sockaddr_un&>(address);
  local.sun_family = AF_UNIX;
  const std::string& name = path.native();
  std::copy_n(name.begin(), std::min(name.size(), sizeof local.sun_path - 1), local.sun_path);
  connect_to(address, sizeof local, name);
}

void Client::connect_to(const sockaddr_storage& address, socklen_t size, const std::string& name) {
  socket_ = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    ::close(std::exchange(socket_, -1));
    throw std::runtime_error("can't connect to " + name);
  }
  // From now on a call may end with EINTR though no signal has come: an io_uring that was closed does that.
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Client::Client(Client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      chunks_(other.chunks_),
      has_whole_body_(other.has_whole_body_),
      received_(std::move(other.received_)),
      parser_(std::move(other.parser_)),
      events_(std::move(other.events_)) {}

Client::~Client() { close(); }

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::receive() {
  char bytes[16 * 1024];
  ssize_t count = 0;
  do {
    count = recv(socket_, bytes, sizeof bytes, 0);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    was_reset_ = was_reset_ || (count < 0 && errno == ECONNRESET);
    has_ended_ = count == 0 || was_reset_;
    return false;
  }
  take({bytes, static_cast<std::size_t>(count)});
  return true;
}

void Client::take(std::string_view bytes) {
  if (!chunks_) {
    received_.append(bytes);
  } else if (!chunks_->feed(bytes, [this](std::string_view content) { received_.append(content); })) {
    has_whole_body_ = true;
  }
}

std::string Client::until(std::string_view text) {
  std::size_t place = 0;
  while ((place = received_.find(text)) == std::string::npos) {
    if (!receive()) return std::exchange(received_, {});
  }
  std::string taken = received_.substr(0, place + text.size());
  received_.erase(0, taken.size());
  return taken;
}

ClientResponse Client::head() {
  ClientResponse response;
  std::string_view text;
  const std::string head = until("\r\n\r\n");
  if (!head.ends_with("\r\n\r\n") || !head.starts_with("HTTP/1.1 ")) return response;
  response.status = std::stoi(head.substr(9, 3));
  text = head;
  text.remove_prefix(text.find("\r\n") + 2);
  while (text != "\r\n") {
    const std::string_view line = text.substr(0, text.find("\r\n"));
    std::string name(line.substr(0, line.find(':')));
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    response.headers.add(std::move(name), std::string(line.substr(line.find(':') + 2)));
    text.remove_prefix(line.size() + 2);
  }
  if (const std::string twice = response.headers.repeated(); !twice.empty()) {
    throw std::runtime_error("a response has its field twice: " + twice);
  }
  if (head.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos) {
    chunks_.emplace();
    take(std::exchange(received_, {}));
  }
  return response;
}

ClientResponse Client::response(bool is_head) {
  ClientResponse response = head();
  if (is_head) chunks_.reset();  // there is no body
  if (is_head || response.status == 0 || response.headers.count("content-length") == 0) return response;
  const std::size_t length = std::stoul(response.headers.at("content-length"));
  while (received_.size() < length) {
    if (!receive()) return {};
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

std::optional<ClientEvent> Client::event() {
  while (events_.empty()) {
    if (received_.empty() && !receive()) return std::nullopt;
    parser_.feed(std::exchange(received_, {}), [this](const ParsedEvent& event) {
      events_.push_back({std::string(event.type), std::string(event.data), std::string(event.last_event_id)});
    });
  }
  ClientEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::string Client::rest() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

void Client::finish() { shutdown(socket_, SHUT_WR); }

void Client::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Client::reset() {
  const linger none{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close();
}

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace tidings
