#include "tidings/bench/load/redis_client.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace tidings::bench {

std::string RedisClient::add(std::string_view stream, std::string_view data) {
  std::string command = "*5\r\n";
  for (const std::string_view part :
       {std::string_view("XADD"), stream, std::string_view("*"), std::string_view("d"), data}) {
    command.append("$").append(std::to_string(part.size())).append("\r\n").append(part).append("\r\n");
  }
  if (socket_.send(command) != static_cast<ssize_t>(command.size())) throw std::runtime_error("a command was not sent");
  std::string answer;  // `$15`, and the id in a line of its own
  while (std::count(answer.begin(), answer.end(), '\n') < 2) {
    char buffer[128];
    const ssize_t count = socket_.receive(buffer);
    if (count > 0) answer.append(buffer, static_cast<std::size_t>(count));
    if (count <= 0 || !answer.starts_with('$')) throw std::runtime_error("Redis did not take an entry: " + answer);
  }
  const std::size_t begin = answer.find('\n') + 1;
  return answer.substr(begin, answer.find('\r', begin) - begin);
}

}  // namespace tidings::bench
