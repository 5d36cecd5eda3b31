#include "tidings/server/gateway/gateway.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <asio/ip/v6_only.hpp>
#include <cerrno>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/http_date.h"
#include "tidings/server/loop/idle_sessions.h"

namespace tidings {
namespace {

using asio::ip::tcp;

constexpr int kBacklog = 4096;
constexpr int kFreePortTries = 16;
constexpr int kAcceptsPerTurn = 64;  // then it is the turn of the first loop's own connections
constexpr std::chrono::milliseconds kPause{100};

std::vector<asio::ip::address> addresses_of(asio::io_context& context, const std::string& host) {
  // Resolvers give both addresses on some machines and one on others, so this does not ask one. Where a machine has
  // turned one family off, the server listens by the other.
  if (host == "localhost") return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  // A socket for each family: one of IPv6 that takes IPv4 too would show the addresses of its IPv4 clients as IPv6
  // ones.
  std::error_code error;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (!error && numeric.is_v6() && numeric.is_unspecified()) {
    return {asio::ip::address_v4::any(), asio::ip::address_v6::any()};
  }
  const auto results = tcp::resolver(context).resolve(host, "0", tcp::resolver::passive, error);
  if (error) throw std::runtime_error("The host " + host + " has no address (" + error.message() + "): check --host.");
  std::vector<asio::ip::address> addresses;
  for (const auto& result : results) addresses.push_back(result.endpoint().address());
  return addresses;
}

// A program that the application starts must not inherit a listening socket, or the port stays taken until it ends.
void keep_from_programs(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

// What Linux hands down from a listening socket to those that it accepts, so that it costs none of them a system call.
void set_options_of_connections(int listening, std::chrono::milliseconds write_timeout) {
  const int on = 1;
  setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_USER_TIMEOUT
  // A client whose machine has vanished takes nothing and says nothing; the kernel would try for a quarter of an hour.
  const auto timeout = static_cast<unsigned>(
      std::min<std::chrono::milliseconds::rep>(write_timeout.count(), std::numeric_limits<int>::max()));
  setsockopt(listening, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
#endif
}

// An acceptor that listens, unless `error` says why it can't.
tcp::acceptor listen(asio::io_context& context, const tcp::endpoint& endpoint, std::chrono::milliseconds write_timeout,
                     std::error_code& error) {
  tcp::acceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  if (!error) keep_from_programs(acceptor.native_handle());
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) set_options_of_connections(acceptor.native_handle(), write_timeout);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.listen(kBacklog, error);
  return acceptor;
}

Socket spare_descriptor() { return Socket(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

std::string reason(const std::error_code& error, const std::string& host, std::uint16_t port) {
  const std::string place = "port " + std::to_string(port) + " of " + host;
  if (error == asio::error::address_in_use) {
    return "Something listens on " + place + " already: stop it, or choose another port with --port (0: a free one).";
  }
  if (error == asio::error::access_denied) {
    return "This user may not listen on " + place + ": choose a port above 1023 with --port.";
  }
  return "Can't listen on " + place + " (" + error.message() + "): check --host and --port.";
}

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

Gateway::Gateway(std::vector<std::unique_ptr<EventLoop>>& loops, ConnectionContext& context, const std::string& host,
                 std::uint16_t port)
    : loops_(loops), context_(context) {
  asio::io_context& first = loops.front()->context();
  const std::vector<asio::ip::address> addresses = addresses_of(first, host);
  std::error_code error;
  for (int tries = port == 0 ? kFreePortTries : 1; tries > 0 && listeners_.empty(); --tries) {
    port_ = port;
    for (const asio::ip::address& address : addresses) {
      std::error_code failure;
      tcp::acceptor acceptor = listen(first, {address, port_}, context.options.write_timeout, failure);
      if (failure == asio::error::address_in_use) {  // it listens on all of the addresses or on none
        error = failure;
        listeners_.clear();
        break;
      }
      if (failure) {  // perhaps this machine has turned the address's family off: the others may do
        error = failure;
        continue;
      }
      port_ = acceptor.local_endpoint().port();
      listeners_.push_back({std::move(acceptor), asio::steady_timer(first)});
    }
  }
  if (listeners_.empty()) throw std::runtime_error(reason(error, host, port));
  spare_ = spare_descriptor();
}

void Gateway::start() {
  for (Listener& listener : listeners_) accept(listener);
}

void Gateway::stop() {
  for (Listener& listener : listeners_) {
    std::error_code ignored;
    listener.acceptor.close(ignored);
    listener.retry.cancel();
  }
}

EventLoop& Gateway::next_loop() {
  next_ = (next_ + 1) % loops_.size();
  return *loops_[next_];
}

void Gateway::accept(Listener& listener) {
  listener.acceptor.async_wait(tcp::acceptor::wait_read, [this, &listener](const std::error_code& error) {
    if (!error && listener.acceptor.is_open()) accept_waiting(listener);
  });
}

void Gateway::accept_waiting(Listener& listener) {
  for (int tries = 0; tries < kAcceptsPerTurn; ++tries) {
    Accepted next;
    socklen_t size = static_cast<socklen_t>(next.remote.capacity());
    next.socket =
        Socket(accept4(listener.acceptor.native_handle(), next.remote.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (next.socket) {
      is_short_ = false;
      next.remote.resize(size);
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
    std::make_shared<Connection>(loop, context_, std::move(accepted.socket), accepted.remote)->start();
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
  listener.retry.async_wait([this, &listener](const std::error_code& cancelled) {
    if (!cancelled) accept(listener);
  });
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
  Socket next(accept4(listener.acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool is_accepted = static_cast<bool>(next);
  if (is_accepted) refuse(std::move(next));
  spare_ = spare_descriptor();
  return is_accepted && spare_;
}

}  // namespace tidings
