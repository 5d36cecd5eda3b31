#include "tidings/server/loop/socket_set.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace tidings {
namespace {

constexpr std::uint32_t kGone = EPOLLERR | EPOLLHUP;  // which the kernel reports unasked
constexpr std::uint32_t kInput = EPOLLIN | EPOLLRDHUP;
constexpr std::uint32_t kRoom = EPOLLOUT;

std::uint32_t events_of(WatchedSocket::Awaited awaited) {
  return (awaited.input ? kInput : 0) | (awaited.room ? kRoom : 0);
}

int made_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return set;
}

}  // namespace

void WatchedSocket::report_to(Owner& owner) {
  entry_->owner = &owner;
  await({});
}

void WatchedSocket::await(Awaited awaited) {
  if (std::exchange(entry_->awaited, awaited) != awaited) entry_->set.change(*entry_);
}

void WatchedSocket::Closing::operator()(Entry* entry) const {
  entry->set.remove(*entry);
  delete entry;
}

SocketSet::SocketSet(LoopContext& context, Count& count)
    : context_(context), set_(context.context(), made_set()), count_(count) {
  look();
}

WatchedSocket SocketSet::add(Socket socket) {
  std::unique_ptr<Entry> entry(new Entry{.set = *this, .socket = std::move(socket)});
  epoll_event event{.events = events_of(entry->awaited), .data = {.ptr = entry.get()}};
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, entry->socket.descriptor(), &event) != 0) return {};
  count_.add(1);
  if (!is_looking_) look();
  return WatchedSocket(std::move(entry));
}

void SocketSet::change(Entry& entry) {
  epoll_event event{.events = events_of(entry.awaited), .data = {.ptr = &entry}};
  epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, entry.socket.descriptor(), &event);  // takes no memory: can't fail
}

// The kernel is told before the socket is closed: a copy of it in another process would keep it in the set.
void SocketSet::remove(Entry& entry) {
  epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, entry.socket.descriptor(), nullptr);
  for (epoll_event& event : unreported_) {
    if (event.data.ptr == &entry) event.data.ptr = nullptr;
  }
  count_.add(-1);
}

void SocketSet::stop() {
  is_looking_ = false;
  std::error_code ignored;
  set_.cancel(ignored);
}

void SocketSet::hold_back(bool is_behind) {
  is_behind_ = is_behind;
  if (is_behind) most_ = std::max(most_ / 2, kLeastPerRound);
}

void SocketSet::look() {
  is_looking_ = true;
  const auto are_ready = [this](const std::error_code& error) {
    if (error) return;
    report();
    if (is_looking_) look();
  };
  set_.async_wait(asio::posix::stream_descriptor::wait_read, context_.guarded(are_ready));
}

// One round of those that are ready. Where there are more, the set is ready again at once.
void SocketSet::report() {
  if (!is_behind_) most_ = std::min(most_ * 2, kMostPerRound);
  std::array<epoll_event, kMostPerRound> events;
  const int count = epoll_wait(set_.native_handle(), events.data(), most_, 0);
  unreported_ = std::span(events).first(count < 0 ? 0 : static_cast<std::size_t>(count));
  for (; !unreported_.empty(); unreported_ = unreported_.subspan(1)) {
    const epoll_event& event = unreported_.front();  // which forgets its entry when that is removed
    const auto entry = [&event] { return static_cast<Entry*>(event.data.ptr); };
    if (entry() && (event.events & kGone) != 0) {
      entry()->owner->on_gone();
    } else if (entry() && (event.events & kInput) != 0) {
      entry()->owner->on_readable();
    }
    if (entry() && (event.events & kRoom) != 0 && entry()->awaited.room) entry()->owner->on_writable();
  }
}

}  // namespace tidings
