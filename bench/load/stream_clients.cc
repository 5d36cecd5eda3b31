#include "tidings/bench/load/stream_clients.h"

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace tidings::bench {
namespace {

// One address has 28,000 ephemeral ports unless the system is told otherwise; the last ones take long to find.
constexpr std::size_t kClientsPerAddress = 5000;
constexpr std::chrono::seconds kOpeningTime{60};

// A field's name has no case; servers write this one in two ways.
bool has_chunks(std::string_view head) {
  return head.find("\r\nTransfer-Encoding: chunked") != std::string_view::npos ||
         head.find("\r\ntransfer-encoding: chunked") != std::string_view::npos;
}

}  // namespace

StreamClients::StreamClients(std::uint16_t port, std::string_view target, std::size_t count, OnEvent on_event,
                             Options options)
    : port_(port),
      target_(target),
      on_event_(std::move(on_event)),
      options_(std::move(options)),
      clients_(count),
      buffer_(64 * 1024) {}

void StreamClients::open(std::chrono::seconds time, std::size_t most_at_once) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (opened_ + failed_ < clients_.size() && std::chrono::steady_clock::now() < deadline) {
    connect_more(most_at_once);
    for (const epoll_event& event : poller_.wait_until(deadline)) take(event.data.u64, event.events);
  }
}

double StreamClients::open_all(std::size_t most_at_once) {
  const auto begin = std::chrono::steady_clock::now();
  open(kOpeningTime, most_at_once);
  if (opened_ < clients_.size()) {
    throw std::runtime_error(std::to_string(opened_) + " of " + std::to_string(clients_.size()) +
                             " streams opened in 60 s" + (refusal_.empty() ? "" : ": " + refusal_));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void StreamClients::run(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < deadline) {
    for (const epoll_event& event : poller_.wait_until(deadline)) take(event.data.u64, event.events);
  }
}

void StreamClients::connect_more(std::size_t most_at_once) {
  for (; begun_ < clients_.size() && begun_ - opened_ - failed_ < most_at_once; ++begun_) {
    Client& client = clients_[begun_];
    const auto source = static_cast<std::uint8_t>(1 + begun_ / kClientsPerAddress);
    client.begun_at = std::chrono::system_clock::now();
    client.socket = Socket::connect(port_, Socket::Mode::kNonBlocking, source, options_.receive_buffer_bytes);
    poller_.add(client.socket.descriptor(), EPOLLOUT, begun_);
  }
}

void StreamClients::take(std::size_t index, std::uint32_t events) {
  Client& client = clients_[index];
  if ((events & EPOLLOUT) == 0) return receive(index);
  // Connected, or not: then sending fails. An empty send buffer has room for the request.
  const std::string request = request_of(index);
  if (client.socket.send(request) != static_cast<ssize_t>(request.size())) return fail(client);
  poller_.change(client.socket.descriptor(), EPOLLIN, index);
}

void StreamClients::receive(std::size_t index) {
  Client& client = clients_[index];
  const ssize_t count = client.socket.receive(buffer_);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return fail(client);
  const Time now = std::chrono::system_clock::now();
  std::string_view bytes(buffer_.data(), static_cast<std::size_t>(count));
  if (!client.parser) bytes = take_head(client, bytes, now);
  if (!client.parser) return;
  if (!client.chunks) return parse(index, bytes, now);
  const bool goes_on = client.chunks->feed(bytes, [&](std::string_view content) { parse(index, content, now); });
  if (!goes_on && client.socket.is_open()) fail(client);
}

void StreamClients::parse(std::size_t index, std::string_view content, Time now) {
  Client& client = clients_[index];
  const auto status = client.parser->feed(content, [&](const ParsedEvent& event) {
    if (event.type != "begin" || options_.tells_begin) on_event_(index, event, now);
  });
  if (status != Parser::Status::kOk && client.socket.is_open()) fail(client);
}

// Returns what follows the head; makes the parser when the head is whole.
std::string_view StreamClients::take_head(Client& client, std::string_view bytes, Time now) {
  const std::size_t before = client.head.size();
  client.head.append(bytes);
  const std::size_t end = client.head.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  const std::string_view head = std::string_view(client.head).substr(0, end);
  if (!head.starts_with("HTTP/1.1 200 ") || head.find("text/event-stream") == std::string_view::npos) {
    if (refusal_.empty()) refusal_ = head.substr(0, head.find('\r'));
    fail(client);
    return {};
  }
  client.opened_at = now;
  ++opened_;
  if (options_.leave_when_open) {
    client.socket.close();
    return {};
  }
  if (has_chunks(head)) client.chunks.emplace();
  client.head = std::string();
  client.parser = std::make_unique<Parser>();
  return bytes.substr(end + 4 - before);
}

std::string StreamClients::request_of(std::size_t index) const {
  std::string request = "GET " + (options_.targets.empty() ? target_ : options_.targets[index]) +
                        " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n";
  if (!options_.last_event_ids.empty() && !options_.last_event_ids[index].empty()) {
    request += "Last-Event-ID: " + options_.last_event_ids[index] + "\r\n";
  }
  return request + "\r\n";
}

void StreamClients::fail(Client& client) {
  if (client.parser) --opened_;
  ++failed_;
  client.socket.close();
}

}  // namespace tidings::bench
