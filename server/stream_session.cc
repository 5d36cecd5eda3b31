#include "server/stream_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "protocol/encode.h"
#include "server/lingering_close.h"

namespace tidings {

using asio::ip::tcp;

namespace {

constexpr int kMostUnsentBytes = 128 * 1024;

}  // namespace

std::string event_stream_head(const Request::Fields& fields) {
  std::string head =
      "HTTP/1.1 200 OK\r\n"
      "Content-Type: text/event-stream\r\n"
      "Cache-Control: no-cache, no-transform\r\n"
      "X-Accel-Buffering: no\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Connection: close\r\n";
  for (const auto& [name, value] : fields) head.append(name).append(": ").append(value).append("\r\n");
  return head.append("\r\n");
}

StreamSession::StreamSession(Loop& loop, const StreamOptions& options, Heartbeat heartbeat)
    : Session(loop), options_(options), heartbeat_(heartbeat) {}

void StreamSession::open(tcp::socket socket, StreamLimits::Place place, const Request::Fields& fields) {
  socket_.emplace(std::move(socket));
  place_.emplace(std::move(place));
#ifdef TCP_NOTSENT_LOWAT
  // A client that does not read shows after this much; the kernel would take megabytes before it said so.
  const int unsent = kMostUnsentBytes;
  setsockopt(socket_->native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
#endif
  loop_.gauges().streams.add(1);
  loop_.gauges().connections.add(1);
  std::string& out = loop_.write_buffer();
  out.assign(event_stream_head(fields));
  encode_comment("", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  wait_until_readable();
  send(out);
  if (socket_) set_deadline();
  proceed();
}

void StreamSession::send(std::string_view bytes, const std::shared_ptr<const void>& pin) {
  last_sent_ = loop_.now();
  left_over_ = bytes;
  write();
  keep_left_over(pin);
}

void StreamSession::take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time now) {
  last_sent_ = now;
  if (sent.result < 0 && sent.result != -EAGAIN) return abort();
  left_over_ = sent.bytes;
  step_over(static_cast<std::size_t>(std::max(sent.result, 0)));
  keep_left_over(pin);
}

void StreamSession::keep_left_over(const std::shared_ptr<const void>& pin) {
  if (left_over_.empty()) return;
  pin_ = pin;
  if (!pin_) {
    const std::shared_ptr<char[]> copy(new char[left_over_.size()]);
    std::memcpy(copy.get(), left_over_.data(), left_over_.size());
    left_over_ = {copy.get(), left_over_.size()};
    pin_ = copy;
  }
  set_blocked(true);
  set_deadline();
  wait_until_writable();
}

// Takes what the socket takes from left_over_, or ends the stream.
void StreamSession::write() {
  std::error_code error;
  const std::size_t sent = socket_->write_some(asio::buffer(left_over_), error);
  if (error == asio::error::would_block) return;
  if (error) return abort();
  step_over(sent);
}

void StreamSession::step_over(std::size_t sent) {
  loop_.gauges().bytes.add(static_cast<std::int64_t>(sent));
  left_over_.remove_prefix(sent);
}

void StreamSession::wait_until_writable() {
  socket_->async_wait(tcp::socket::wait_write, [self = shared_from_this()](const std::error_code& error) {
    if (error || !self->socket_) return;
    const std::size_t before = self->left_over_.size();
    self->write();
    if (!self->socket_) return;
    if (self->left_over_.size() < before) self->last_sent_ = self->loop_.now();
    if (!self->left_over_.empty()) return self->wait_until_writable();
    self->pin_ = nullptr;
    self->set_blocked(false);
    if (self->is_draining_) return self->say_goodbye();
    self->set_deadline();
    self->proceed();
  });
}

void StreamSession::wait_until_readable() {
  socket_->async_wait(tcp::socket::wait_read, [self = shared_from_this()](const std::error_code& error) {
    if (!error && self->socket_) self->drop_received();
  });
}

// What a client sends once its stream has begun means nothing; that it has left ends the stream.
void StreamSession::drop_received() {
  std::error_code error;
  socket_->read_some(asio::buffer(loop_.read_buffer()), error);
  if (error && error != asio::error::would_block) return abort();
  wait_until_readable();
}

void StreamSession::finish() {
  tcp::socket socket = std::move(*socket_);
  std::error_code ignored;
  socket.cancel(ignored);
  abort();
  close_lingering(loop_, std::move(socket));
}

void StreamSession::drain() {
  if (std::exchange(is_draining_, true) || options_.drain_time.count() == 0) return say_goodbye();
  arm(loop_.timers(), loop_.now() + loop_.part_of(options_.drain_time));
}

void StreamSession::say_goodbye() {
  if (!can_send()) return;  // what is left over goes first
  if (std::exchange(has_said_goodbye_, true)) return finish();
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_comment("the server is going away", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  send(out);
  if (can_send()) finish();
}

void StreamSession::abort() {
  disarm();
  left_over_ = {};
  pin_ = nullptr;
  set_blocked(false);
  const bool was_open = socket_.has_value();
  if (was_open) {
    std::error_code ignored;
    socket_->close(ignored);
    socket_.reset();
  }
  release();
  place_.reset();
  if (!was_open) return;
  loop_.gauges().streams.add(-1);
  loop_.gauges().connections.add(-1);
}

void StreamSession::set_blocked(bool is_blocked) {
  if (std::exchange(is_blocked_, is_blocked) == is_blocked) return;
  loop_.gauges().blocked.add(is_blocked ? 1 : -1);
}

void StreamSession::set_deadline() {
  arm(loop_.timers(), last_sent_ + (is_blocked_ ? options_.write_timeout : options_.heartbeat));
}

void StreamSession::expired() {
  if (is_draining_) return say_goodbye();
  const auto silence = loop_.now() - last_sent_;
  if (is_blocked_) {
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
  if (can_send()) set_deadline();
}

}  // namespace tidings
