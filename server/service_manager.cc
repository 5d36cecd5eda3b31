#include "tidings/server/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>

#include "tidings/server/loop/socket.h"

namespace tidings {
namespace {

constexpr int kFirstPassed = 3;     // behind stdin, stdout and stderr
constexpr int kMostPassed = 4096;   // no process is passed that many
constexpr timeval kPatience{1, 0};  // a service manager that hangs does not make its services hang

// The variable's number, which is taken out of the environment.
std::optional<long> take_number(const char* variable) {
  const char* const value = std::getenv(variable);
  if (!value) return std::nullopt;
  const std::string text = value;
  unsetenv(variable);
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error(std::string(variable) + " is to be a number, and was " + text + '.');
  }
  return number;
}

}  // namespace

std::vector<int> passed_sockets() {
  const std::optional<long> process = take_number("LISTEN_PID"), count = take_number("LISTEN_FDS");
  if (!process || *process != getpid() || !count)
    return {};  // they are meant for the process that has started this one
  if (*count < 0 || *count > kMostPassed) {
    throw std::runtime_error("LISTEN_FDS is to be from 0 to " + std::to_string(kMostPassed) + ", and was " +
                             std::to_string(*count) + '.');
  }
  std::vector<int> sockets(static_cast<std::size_t>(*count));
  std::iota(sockets.begin(), sockets.end(), kFirstPassed);
  return sockets;
}

std::optional<std::chrono::microseconds> watchdog_patience() {
  const std::optional<long> process = take_number("WATCHDOG_PID"), time = take_number("WATCHDOG_USEC");
  if (!time || (process && *process != getpid())) return std::nullopt;
  if (*time <= 0) {
    throw std::runtime_error("WATCHDOG_USEC is to be 1 or more, and was " + std::to_string(*time) + '.');
  }
  return std::chrono::microseconds(*time);
}

bool tell_service_manager(std::string_view state) {
  const char* const name = std::getenv("NOTIFY_SOCKET");
  if (!name) return true;
  const std::string_view path = name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_abstract = path.starts_with('@');
  if ((!is_abstract && !path.starts_with('/')) || path.size() >= sizeof address.sun_path) return false;
  std::copy(path.begin(), path.end(), address.sun_path);
  if (is_abstract) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  const Socket socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  return sendto(socket.descriptor(), state.data(), state.size(), MSG_NOSIGNAL,
                reinterpret_cast<const sockaddr*>(&address), size) >= 0;
}

}  // namespace tidings
