#include "tidings/server/gateway/gateway.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/http_date.h"
#include "tidings/server/loop/idle_sessions.h"

namespace tidings {
namespace {

// Then it is the turn of the first loop's connections, these among them while the processor still has them at hand.
constexpr int kAcceptsPerTurn = 8;
constexpr std::chrono::milliseconds kPause{100};

Socket spare_descriptor() { return Socket(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

// Lets the connection that has been idle for longest on `loop` make way, and then calls `then` on the first loop.
// Nothing is accepted meanwhile, since clients may come faster than room is made.
template <class Then>
void make_room(EventLoop& loop, EventLoop& first, Then then) {
  loop.post([&loop, &first, then = std::move(then)]() mutable {
    loop.idle_sessions().make_room();
    first.post(std::move(then));
  });
}

// The same socket by the lowest descriptor that is free. Without it each connection that has had another make way would
// leave a low number for the next one and keep a high one itself.
Socket lowered(Socket socket) {
  Socket lowest(fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0));
  if (!lowest || lowest.descriptor() > socket.descriptor()) return socket;
  return lowest;
}

}  // namespace

Gateway::Gateway(std::vector<std::unique_ptr<EventLoop>>& loops, ConnectionContext& context, ListeningSockets sockets)
    : loops_(loops), context_(context) {
  for (ListeningSocket& socket : sockets) {
    if (!endpoint_) endpoint_ = socket.endpoint;
    if (!socket.endpoint) paths_.push_back(socket.path);
    listeners_.push_back({std::move(socket), asio::steady_timer(loops.front()->context())});
  }
  spare_ = spare_descriptor();
}

void Gateway::start() {
  for (Listener& listener : listeners_) accept(listener);
}

void Gateway::stop() {
  for (Listener& listener : listeners_) {
    std::error_code ignored;
    listener.listening.file.remove();  // first, so that nobody connects to a file behind which nobody listens
    listener.listening.socket.close(ignored);
    listener.retry.cancel();
  }
}

EventLoop& Gateway::next_loop() {
  next_ = (next_ + 1) % loops_.size();
  return *loops_[next_];
}

void Gateway::accept(Listener& listener) {
  asio::posix::stream_descriptor& socket = listener.listening.socket;
  const auto have_come = [this, &listener](const std::error_code& error) {
    if (!error && listener.listening.socket.is_open()) accept_waiting(listener);
  };
  socket.async_wait(asio::posix::stream_descriptor::wait_read, loops_.front()->guarded(have_come));
}

void Gateway::accept_waiting(Listener& listener) {
  for (int tries = 0; tries < kAcceptsPerTurn; ++tries) {
    Accepted next;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    next.socket = Socket(accept4(listener.listening.socket.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (next.socket) {
      is_short_ = false;
      next.peer = peer_of(from);
      if (!take(listener, std::move(next))) return;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) {
      continue;  // that client left before it was accepted
    } else if (!make_do(listener, errno)) {
      return;
    }
  }
  accept(listener);
}

// What take(), admit() and make_do() return: whether the next connection can be accepted at once. Otherwise they see to
// it that accept() is called when it can be.

bool Gateway::take(Listener& listener, Accepted accepted) {
  EventLoop* const longest = context_.descriptors.is_scarce(accepted.socket.descriptor()) ? longest_idle() : nullptr;
  if (!longest) return admit(listener, std::move(accepted));
  make_room(*longest, *loops_.front(), [this, &listener, accepted = std::move(accepted)]() mutable {
    accepted.socket = lowered(std::move(accepted.socket));
    if (admit(listener, std::move(accepted))) accept(listener);
  });
  return false;
}

bool Gateway::admit(Listener& listener, Accepted accepted) {
  const int descriptor = accepted.socket.descriptor();
  if (context_.descriptors.is_among_last(descriptor)) {
    refuse(std::move(accepted.socket));
    return true;
  }
  // Where descriptors are scarce the next connection is accepted only when this one is among the idle ones, since it
  // may have to make way for the next.
  const bool is_awaited = context_.descriptors.is_scarce(descriptor);
  EventLoop& loop = next_loop();
  // A session is made on its loop: nothing of a loop is touched by another thread.
  loop.post([this, &listener, &loop, is_awaited, accepted = std::move(accepted)]() mutable {
    std::make_shared<Connection>(loop, context_, std::move(accepted.socket), accepted.peer)->start();
    if (is_awaited) loops_.front()->post([this, &listener] { accept(listener); });
  });
  return !is_awaited;
}

// The next one could not be accepted, for want of a descriptor or of memory.
bool Gateway::make_do(Listener& listener, int error) {
  if (!std::exchange(is_short_, true)) {
    spdlog::warn("can't accept connections: {}", std::generic_category().message(error));
  }
  if (error == EMFILE) {
    if (EventLoop* const longest = longest_idle()) {
      make_room(*longest, *loops_.front(), [this, &listener] { accept(listener); });
      return false;
    }
    if (refuse_next(listener)) return true;
  }
  listener.retry.expires_after(kPause);
  listener.retry.async_wait(loops_.front()->guarded([this, &listener](const std::error_code& cancelled) {
    if (!cancelled) accept(listener);
  }));
  return false;
}

// The loop of the connection that has been idle for longest, if one is.
EventLoop* Gateway::longest_idle() const {
  EventLoop* longest = nullptr;
  Clock::Time since = Clock::Time::max();
  for (const auto& loop : loops_) {
    const auto waiting = loop->idle_sessions().since();
    if (!waiting || *waiting >= since) continue;
    longest = loop.get();
    since = *waiting;
  }
  return longest;
}

// Answers without reading the request and without waiting for anything: whatever the client asks, there is no
// descriptor to answer it with.
void Gateway::refuse(Socket socket) {
  EventLoop& first = *loops_.front();
  first.metrics().refused_requests.add(1);
  Answer answer = problem(503, "The server has no descriptor left for this connection: try again shortly.");
  answer.headers.emplace_back("Retry-After", "5");
  const auto time = std::chrono::floor<std::chrono::seconds>(first.timers().clock().wall_now());
  const std::string response = response_bytes(answer, {.date = http_date(time)});
  socket.receive(first.read_buffer());  // a socket that closes with something unread resets the connection
  socket.send(response);
  shutdown(socket.descriptor(), SHUT_WR);
  socket.receive(first.read_buffer());
}

// Accepts the next connection by giving up the spare descriptor for a moment, and refuses it. False when there was
// none, or when the spare descriptor could not be had again.
bool Gateway::refuse_next(Listener& listener) {
  spare_ = Socket();
  Socket next(accept4(listener.listening.socket.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool is_accepted = static_cast<bool>(next);
  if (is_accepted) refuse(std::move(next));
  spare_ = spare_descriptor();
  return is_accepted && spare_;
}

}  // namespace tidings
