#include "tidings/bench/load/redis_client.h"

#include <cstddef>
#include <cstdlib>
#include <stdexcept>

namespace tidings::bench {

std::string RedisClient::ask(std::initializer_list<std::string_view> command) {
  std::string text = '*' + std::to_string(command.size()) + "\r\n";
  for (const std::string_view part : command) {
    text.append("$").append(std::to_string(part.size())).append("\r\n").append(part).append("\r\n");
  }
  if (socket_.send(text) != static_cast<ssize_t>(text.size())) throw std::runtime_error("a command was not sent");
  // A line, and where that is `$15` so many bytes and a line end.
  std::string answer;
  std::size_t begin = 0, end = std::string::npos;
  while (end == std::string::npos) {
    char buffer[4096];
    const ssize_t count = socket_.receive(buffer);
    if (count > 0) answer.append(buffer, static_cast<std::size_t>(count));
    const bool is_none = answer.starts_with('-') || answer.starts_with('*') || answer.starts_with("$-1");
    if (count <= 0 || is_none) throw std::runtime_error("Redis did not do what it was asked for: " + answer);
    const std::size_t line_end = answer.find("\r\n");
    if (line_end == std::string::npos) continue;
    if (!answer.starts_with('$')) return answer.substr(1, line_end - 1);
    begin = line_end + 2;
    const std::size_t whole = begin + std::strtoul(answer.c_str() + 1, nullptr, 10);
    if (answer.size() >= whole + 2) end = whole;
  }
  return answer.substr(begin, end - begin);
}

}  // namespace tidings::bench
