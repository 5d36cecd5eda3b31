#include "tidings/server/loop/lingering_close.h"

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace tidings {
namespace {

constexpr std::chrono::seconds kMostTime{2};
// Many times the body that is refused unread by default: a client that sends on gets to read why, where a reset would
// destroy that.
constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

class LingeringClose final : public Session,
                             private Timer,
                             private WatchedSocket::Owner,
                             private IdleSessions::Member,
                             public std::enable_shared_from_this<LingeringClose> {
 public:
  LingeringClose(EventLoop& loop, WatchedSocket socket)
      : Session(loop), socket_(std::move(socket)), idle_(loop.idle_sessions(), *this) {}

  void start() {
    if (shutdown(socket_.descriptor(), SHUT_WR) != 0) return;  // the client is gone; dropping the socket closes it
    socket_.report_to(*this);
    self_ = shared_from_this();
    idle_.wait_before_all();
    arm(loop_.timers(), loop_.now() + kMostTime);
  }

  void drain() override {}
  void abort() override {
    if (!self_) return;
    disarm();
    idle_.leave();
    socket_ = {};
    loop_.post([self = std::move(self_)] {});
  }

 private:
  // What is left unread when the socket closes resets the connection: after a standstill of this process that may be
  // all that the client has sent in time.
  void expired() override {
    while (self_ && drop_what_has_come()) {
    }
    abort();
  }

  void make_way() override { expired(); }

  void on_readable() override { drop_what_has_come(); }

  // Whether anything was there.
  bool drop_what_has_come() {
    const Socket::Received received = socket_.receive(loop_.read_buffer());
    dropped_ += received.bytes;
    if (received.is_end || dropped_ >= kMostBytes) abort();
    return received.bytes > 0;
  }

  WatchedSocket socket_;
  std::shared_ptr<LingeringClose> self_;  // keeps it alive while it has the socket
  std::size_t dropped_ = 0;
  IdleSessions::Place idle_;
};

}  // namespace

void close_lingering(EventLoop& loop, WatchedSocket socket) {
  std::make_shared<LingeringClose>(loop, std::move(socket))->start();
}

}  // namespace tidings
