#include "tidings/tests/server/redis/cutting_proxy.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace tidings {
namespace {

constexpr std::size_t kPiece = 97;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the path is too long for a socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

}  // namespace

CuttingProxy::CuttingProxy(std::string redis_socket, std::string socket, std::size_t most_bytes, std::uint64_t seed)
    : redis_socket_(std::move(redis_socket)),
      socket_(std::move(socket)),
      most_bytes_(most_bytes),
      random_(seed),
      listener_(::socket(AF_UNIX, SOCK_STREAM, 0)),
      wake_(eventfd(0, 0)) {
  const sockaddr_un address = address_of(socket_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 16) != 0) {
    throw std::runtime_error("can't listen at " + socket_);
  }
  thread_ = std::thread(&CuttingProxy::live, this);
}

CuttingProxy::~CuttingProxy() {
  eventfd_write(wake_, 1);
  thread_.join();
  for (const Way& way : ways_) {
    ::close(way.client);
    ::close(way.redis);
  }
  ::close(listener_);
  ::close(wake_);
  ::unlink(socket_.c_str());
}

void CuttingProxy::live() {
  for (;;) {
    std::vector<pollfd> polled = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Way& way : ways_) {
      polled.push_back({way.client, POLLIN, 0});
      polled.push_back({way.redis, POLLIN, 0});
    }
    ::poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0) return;
    std::size_t index = 2;
    std::erase_if(ways_, [&](Way& way) {
      const bool is_asked = polled[index].revents != 0, is_answered = polled[index + 1].revents != 0;
      index += 2;
      const bool is_open = (!is_asked || pass(way.client, way.redis, nullptr)) &&
                           (!is_answered || pass(way.redis, way.client, &way.left));
      if (is_open) return false;
      ::close(way.client);
      ::close(way.redis);
      return true;
    });
    if (polled[1].revents == 0) continue;
    const int client = ::accept(listener_, nullptr, nullptr);
    const int redis = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = address_of(redis_socket_);
    ::connect(redis, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ways_.push_back({client, redis, std::uniform_int_distribution<std::size_t>(1, most_bytes_)(random_)});
  }
}

// Whether there is more to come. Both ends read whatever they get, so nobody waits for the other here.
bool CuttingProxy::pass(int from, int to, std::size_t* left) {
  char bytes[64 * 1024];
  const ssize_t count = ::recv(from, bytes, left ? kPiece : sizeof bytes, 0);
  if (count <= 0) return false;
  std::size_t size = static_cast<std::size_t>(count);
  if (left && is_cutting_) {
    size = std::min(size, *left);
    *left -= size;
  }
  for (std::size_t sent = 0; sent < size;) {
    const ssize_t more = ::send(to, bytes + sent, size - sent, MSG_NOSIGNAL);
    if (more <= 0) return false;
    sent += static_cast<std::size_t>(more);
  }
  return !left || *left > 0;
}

}  // namespace tidings
