#include "tidings/server/loop/lingering_close.h"

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace tidings {
namespace {

constexpr std::chrono::seconds kMostTime{2};
// Many times the largest body that is taken by default. A client whose body is refused unread sends it all the same; as
// long as it is read and dropped, no reset destroys the refusal that is on its way to the client.
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
    if (shutdown(socket_.descriptor(), SHUT_WR) != 0) return;  // the client is gone, and the socket closes with this
    socket_.report_to(*this);
    self_ = shared_from_this();
    idle_.begin_as_first();
    arm(loop_.timers(), loop_.now() + kMostTime);
  }

  void drain() override {}
  void abort() override {
    if (!self_) return;
    disarm();
    idle_.end();
    socket_ = {};
    loop_.post([self = std::move(self_)] {});
  }

 private:
  // Its time is over. After a standstill of this process, what the client has sent in time may still lie in the socket,
  // and to close it then would reset the connection: so that is read first.
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
  IdleSessions::Stay idle_;
};

}  // namespace

void close_lingering(EventLoop& loop, WatchedSocket socket) {
  std::make_shared<LingeringClose>(loop, std::move(socket))->start();
}

}  // namespace tidings
