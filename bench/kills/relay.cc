#include "tidings/bench/kills/relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <vector>

namespace tidings::bench {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;  // of one read

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on_loopback() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_in address = loopback(0);
  if (listener < 0 || bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 64) != 0) {
    fail("a relay's listener");
  }
  return listener;
}

void close_with_a_reset(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

void prepare(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Relay::Relay(std::uint16_t target)
    : listener_(listen_on_loopback()), waker_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), target_(target) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread(&Relay::run, this);
}

Relay::~Relay() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake();
  thread_.join();
  drop_all();
  close(listener_);
  close(waker_);
}

void Relay::cut() {
  const std::lock_guard lock(mutex_);
  drop_all();
  is_held_ = false;
  wake();
}

void Relay::hold() {
  const std::lock_guard lock(mutex_);
  is_held_ = true;
  wake();
}

void Relay::release() {
  const std::lock_guard lock(mutex_);
  is_held_ = false;
  wake();
}

void Relay::lead_to(std::uint16_t target) {
  const std::lock_guard lock(mutex_);
  drop_all();
  is_held_ = false;
  target_ = target;
  wake();
}

void Relay::wake() {
  const std::uint64_t one = 1;
  if (write(waker_, &one, sizeof one) < 0 && errno != EAGAIN) fail("a relay's eventfd");
}

void Relay::drop_all() {
  for (const Connection& each : connections_) {
    close_with_a_reset(each.there.from);
    close_with_a_reset(each.there.to);
  }
  connections_.clear();
}

// What poll() says is only a reason to look: between it and the lock a connection may have been cut, and a descriptor's
// number have become another's.
void Relay::run() {
  std::vector<pollfd> waited;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      std::uint64_t count = 0;
      if (read(waker_, &count, sizeof count) < 0 && errno != EAGAIN) return;
      if (is_over_) return;
      waited.assign({{.fd = waker_, .events = POLLIN, .revents = 0}});
      if (!is_held_) {
        accept_one();
        for (auto each = connections_.begin(); each != connections_.end();) {
          if (pass(each->there) && pass(each->back)) {
            for (const Way* const way : {&each->there, &each->back}) {
              const bool is_full = !way->bytes.empty();
              waited.push_back({.fd = is_full ? way->to : way->from,
                                .events = static_cast<short>(is_full ? POLLOUT : POLLIN),
                                .revents = 0});
            }
            ++each;
          } else {
            close_with_a_reset(each->there.from);
            close_with_a_reset(each->there.to);
            each = connections_.erase(each);
          }
        }
        waited.push_back({.fd = listener_, .events = POLLIN, .revents = 0});
      }
    }
    poll(waited.data(), waited.size(), -1);
  }
}

void Relay::accept_one() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(target_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close_with_a_reset(client);
    close(server);
    return;
  }
  prepare(client);
  prepare(server);
  connections_.push_back({.there = {.from = client, .to = server}, .back = {.from = server, .to = client}});
}

bool Relay::pass(Way& way) {
  if (way.bytes.empty()) {
    char buffer[kMostBytes];
    const ssize_t count = recv(way.from, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    way.bytes.assign(buffer, static_cast<std::size_t>(count));
  }
  const ssize_t count = send(way.to, way.bytes.data(), way.bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  way.bytes.erase(0, static_cast<std::size_t>(count));
  return true;
}

}  // namespace tidings::bench
