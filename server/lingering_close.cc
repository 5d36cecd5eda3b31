#include "server/lingering_close.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace tidings {
namespace {

using asio::ip::tcp;

constexpr std::chrono::seconds kMostTime{2};
constexpr std::size_t kMostBytes = 1024 * 1024;

class LingeringClose final : public Session, private Timer, public std::enable_shared_from_this<LingeringClose> {
 public:
  LingeringClose(Loop& loop, tcp::socket socket)
      : Session(loop), socket_(std::move(socket)), counted_(loop.gauges().connections) {}

  void start() {
    std::error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    if (error) return;  // the client is gone; dropping the socket closes it
    arm(loop_.timers(), loop_.now() + kMostTime);
    read();
  }

  void drain() override {}
  void abort() override {
    std::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void expired() override { abort(); }

  void read() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const std::error_code& error) {
      if (!error) self->drop_bytes();
    });
  }

  void drop_bytes() {
    std::error_code error;
    dropped_ += socket_.read_some(asio::buffer(loop_.read_buffer()), error);
    if ((!error || error == asio::error::would_block) && dropped_ < kMostBytes) return read();
    disarm();
    abort();
  }

  tcp::socket socket_;
  std::size_t dropped_ = 0;
  Counted counted_;
};

}  // namespace

void close_lingering(Loop& loop, tcp::socket socket) {
  std::make_shared<LingeringClose>(loop, std::move(socket))->start();
}

}  // namespace tidings
