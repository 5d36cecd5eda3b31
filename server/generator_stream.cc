#include "server/generator_stream.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "protocol/encode.h"
#include "server/lingering_close.h"

namespace tidings {
namespace {

using asio::ip::tcp;

constexpr int kEventsPerTurn = 64;

std::string_view describe(const std::exception_ptr& failure, std::string& text) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    text = error.what();
  } catch (...) {
    text = "an exception that is no std::exception";
  }
  return text;
}

}  // namespace

std::string_view event_stream_head() {
  return "HTTP/1.1 200 OK\r\n"
         "Content-Type: text/event-stream\r\n"
         "Cache-Control: no-cache, no-transform\r\n"
         "X-Accel-Buffering: no\r\n"
         "X-Content-Type-Options: nosniff\r\n"
         "Connection: close\r\n"
         "\r\n";
}

GeneratorStream::GeneratorStream(Loop& loop, const StreamOptions& options, EventStream generator, Heartbeat heartbeat,
                                 std::string path)
    : Session(loop),
      options_(options),
      generator_(std::move(generator)),
      frame_(std::in_place, loop.gauges().frames),
      heartbeat_(heartbeat),
      path_(std::move(path)) {}

std::exception_ptr GeneratorStream::begin() {
  generator_.pull();
  return generator_.is_done() ? generator_.failure() : nullptr;
}

void GeneratorStream::open(tcp::socket socket) {
  socket_.emplace(std::move(socket));
  stream_.emplace(loop_.gauges().streams);
  connection_.emplace(loop_.gauges().connections);
  generator_.set_consumer(this);
  std::string& out = loop_.write_buffer();
  out.assign(event_stream_head());
  encode_comment("", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  wait_until_readable();
  send(out);
  if (socket_) set_deadline();
  pump();
}

// Sends what the generator yields until it waits for something, ends, or the socket is full.
void GeneratorStream::pump() {
  for (int sent = 0; socket_ && !is_blocked(); ++sent) {
    if (std::exchange(event_has_left_, false)) generator_.pull();
    const Event* event = generator_.event();
    if (!event) {
      if (generator_.is_done()) finish();
      return;
    }
    if (sent == kEventsPerTurn) {  // let the others have their turn
      loop_.post([self = shared_from_this()] { self->pump(); });
      return;
    }
    std::string& out = loop_.write_buffer();
    out.clear();
    encode(*event, out);
    event_has_left_ = true;  // by the time that nothing is pending
    loop_.gauges().events.add(1);
    send(out);
  }
}

// The generator has ended, or the server drains: everything is sent, say goodbye.
void GeneratorStream::finish() {
  if (!is_draining_ && generator_.failure()) {
    std::string text;
    loop_.gauges().generator_failures.add(1);
    spdlog::error("{}: the generator failed: {}", path_, describe(generator_.failure(), text));
  }
  tcp::socket socket = std::move(*socket_);
  std::error_code ignored;
  socket.cancel(ignored);
  abort();
  close_lingering(loop_, std::move(socket));
}

void GeneratorStream::drain() {
  is_draining_ = true;
  if (!socket_ || is_blocked()) return;  // what is pending goes first
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_comment("the server is going away", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  send(out);
  if (socket_ && !is_blocked()) finish();
}

void GeneratorStream::abort() {
  disarm();
  blocked_.reset();
  if (socket_) {
    std::error_code ignored;
    socket_->close(ignored);
    socket_.reset();
  }
  generator_ = EventStream();
  frame_.reset();
  stream_.reset();
  connection_.reset();
}

void GeneratorStream::send(std::string_view bytes) {
  last_sent_ = loop_.now();
  std::error_code error;
  std::size_t sent = socket_->write_some(asio::buffer(bytes), error);
  if (error == asio::error::would_block) {
    error = {};
    sent = 0;
  }
  if (error) return abort();
  loop_.gauges().bytes.add(static_cast<std::int64_t>(sent));
  if (sent == bytes.size()) return;
  pending_.assign(bytes.substr(sent));
  blocked_.emplace(loop_.gauges().blocked);
  set_deadline();
  wait_until_writable();
}

void GeneratorStream::wait_until_writable() {
  socket_->async_wait(tcp::socket::wait_write, [self = shared_from_this()](const std::error_code& error) {
    if (!error && self->socket_) self->send_pending();
  });
}

void GeneratorStream::send_pending() {
  std::error_code error;
  const std::size_t sent = socket_->write_some(asio::buffer(pending_), error);
  if (error && error != asio::error::would_block) return abort();
  if (sent > 0) {
    loop_.gauges().bytes.add(static_cast<std::int64_t>(sent));
    last_sent_ = loop_.now();
    pending_.erase(0, sent);
  }
  if (!pending_.empty()) return wait_until_writable();
  pending_ = std::string();
  blocked_.reset();
  if (is_draining_) return drain();
  set_deadline();
  pump();
}

void GeneratorStream::wait_until_readable() {
  socket_->async_wait(tcp::socket::wait_read, [self = shared_from_this()](const std::error_code& error) {
    if (!error && self->socket_) self->drop_received();
  });
}

// What a client sends once its stream has begun means nothing; that it has left ends the stream.
void GeneratorStream::drop_received() {
  std::error_code error;
  socket_->read_some(asio::buffer(loop_.read_buffer()), error);
  if (error && error != asio::error::would_block) return abort();
  wait_until_readable();
}

void GeneratorStream::set_deadline() {
  arm(loop_.timers(), last_sent_ + (is_blocked() ? options_.write_timeout : options_.heartbeat));
}

void GeneratorStream::expired() {
  const auto silence = loop_.now() - last_sent_;
  if (is_blocked()) {
    if (silence < options_.write_timeout) return set_deadline();
    loop_.gauges().slow_disconnects.add(1);
    return abort();
  }
  if (silence < options_.heartbeat) return set_deadline();
  std::string& out = loop_.write_buffer();
  out.clear();
  if (heartbeat_ == Heartbeat::kEvent) {
    encode(Event("heartbeat", ""), out);
  } else {
    encode_comment("", out);
  }
  send(out);
  if (socket_ && !is_blocked()) set_deadline();
}

}  // namespace tidings
