#include "tidings/bench/load/resumer.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tidings/bench/load/socket.h"

namespace tidings::bench {
namespace {

constexpr std::string_view kId = "\nid: ";

std::size_t events_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(kId, at)) != std::string_view::npos; at += kId.size()) ++count;
  return count;
}

}  // namespace

std::chrono::nanoseconds resume(std::uint16_t port, std::string_view channel, std::string_view after,
                                std::string_view last, std::size_t events) {
  const std::string end = std::string(kId).append(last).append("\n\n");
  std::string received;
  std::vector<char> buffer(64 * 1024);
  const auto begin = std::chrono::steady_clock::now();
  Socket socket = Socket::connect(port, Socket::Mode::kBlocking);
  socket.send("GET /channels/" + std::string(channel) +
              " HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: " + std::string(after) + "\r\n\r\n");
  std::size_t place = std::string::npos;
  for (std::size_t looked = 0; place == std::string::npos; place = received.find(end, looked)) {
    looked = received.size() - std::min(received.size(), end.size());
    const ssize_t count = socket.receive(buffer);
    if (count <= 0) throw std::runtime_error("a stream ended before its events had come");
    received.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const auto time = std::chrono::steady_clock::now() - begin;
  const std::string_view text = std::string_view(received).substr(0, place + end.size());
  if (text.find("event: gap") != std::string_view::npos || events_in(text) != events) {
    throw std::runtime_error("a stream did not begin with the events after the one that it asked for");
  }
  return time;
}

}  // namespace tidings::bench
