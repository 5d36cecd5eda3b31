#include "tidings/bench/load/page_client.h"

#include <cstddef>
#include <cstdlib>
#include <stdexcept>

namespace tidings::bench {

Page PageClient::get(std::string_view target) {
  return ask("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

Page PageClient::post(std::string_view target, std::string_view body, std::string_view fields) {
  std::string request = "POST " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ";
  request.append(kPublishToken).append("\r\n").append(fields).append("Content-Length: ");
  return ask(request.append(std::to_string(body.size())).append("\r\n\r\n").append(body));
}

Page PageClient::ask(const std::string& request) {
  if (socket_.send(request) != static_cast<ssize_t>(request.size())) throw std::runtime_error("a request was not sent");
  std::string text;
  std::size_t head_end = std::string::npos;
  while ((head_end = text.find("\r\n\r\n")) == std::string::npos) receive(text);
  const std::size_t field = text.find("\r\nContent-Length: ");
  if (!text.starts_with("HTTP/1.1 ") || field > head_end) throw std::runtime_error("an answer without a length");
  const std::size_t size = head_end + 4 + std::strtoul(text.c_str() + field + 18, nullptr, 10);
  while (text.size() < size) receive(text);
  return {.status = std::atoi(text.c_str() + 9), .body = text.substr(head_end + 4)};
}

void PageClient::receive(std::string& text) {
  char buffer[16 * 1024];
  const ssize_t count = socket_.receive(buffer);
  if (count <= 0) throw std::runtime_error("an answer did not come whole");
  text.append(buffer, static_cast<std::size_t>(count));
}

}  // namespace tidings::bench
