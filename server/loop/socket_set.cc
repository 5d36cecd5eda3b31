#include "tidings/server/loop/socket_set.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

namespace tidings {
namespace {

constexpr std::uint32_t kAlways = EPOLLIN | EPOLLRDHUP;

int made_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

}  // namespace

SocketSet::SocketSet(asio::io_context& context) : set_(context, made_set()) { look(); }

bool SocketSet::add(int socket, Member& member) {
  epoll_event event{.events = kAlways, .data = {.ptr = &member}};
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) return false;
  if (!is_looking_) look();
  return true;
}

void SocketSet::await_room(int socket, Member& member, bool is_awaited) {
  epoll_event event{.events = is_awaited ? kAlways | EPOLLOUT : kAlways, .data = {.ptr = &member}};
  epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, socket, &event);  // takes no memory, so it can't fail
}

void SocketSet::remove(int socket) { epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr); }

void SocketSet::stop() {
  is_looking_ = false;
  std::error_code ignored;
  set_.cancel(ignored);
}

// One round of those that are ready; the rest makes the set ready again.
void SocketSet::look() {
  is_looking_ = true;
  set_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const std::error_code& error) {
    if (error) return;
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(set_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
    for (const epoll_event& event : std::span(events).first(count < 0 ? 0 : static_cast<std::size_t>(count))) {
      auto& member = *static_cast<Member*>(event.data.ptr);
      if ((event.events & ~std::uint32_t{EPOLLOUT}) != 0) member.on_readable();
      if ((event.events & EPOLLOUT) != 0) member.on_writable();
    }
    if (is_looking_) look();
  });
}

}  // namespace tidings
