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

void StreamSession::open(Socket socket, StreamLimits::Place place, const Request::Fields& fields) {
  socket_ = std::move(socket);
  place_.emplace(std::move(place));
  self_ = shared_from_this();
#ifdef TCP_NOTSENT_LOWAT
  // A client that does not read shows after this much; the kernel would take megabytes before it said so.
  const int unsent = kMostUnsentBytes;
  setsockopt(descriptor(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
#endif
  loop_.gauges().streams.add(1);
  loop_.gauges().connections.add(1);
  if (!loop_.sockets().add(descriptor(), *this)) return abort();
  std::string& out = loop_.write_buffer();
  out.assign(event_stream_head(fields));
  encode_comment("", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  send(out);
  if (socket_) set_deadline();
  proceed();
}

void StreamSession::send(std::string_view bytes, const std::shared_ptr<const void>& pin) {
  const Clock::Time now = loop_.now();
  BatchSender::Send alone{descriptor(), bytes};
  send_now(alone);
  take_sent(alone, pin, now);
}

void StreamSession::send_soon(std::string_view bytes) {
  if (loop_.outbox().add(*this, descriptor(), bytes)) {
    last_sent_ = loop_.now();
    is_in_outbox_ = true;
    return;
  }
  send(bytes);
}

void StreamSession::on_sent(const BatchSender::Send& sent) {
  is_in_outbox_ = false;
  take_sent(sent, nullptr, last_sent_);
  if (!can_send()) return;
  if (goodbye_ >= Goodbye::kDue) return say_goodbye();
  proceed();
}

void StreamSession::take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time time) {
  last_sent_ = time;
  left_over_ = sent.bytes;
  if (step_over(sent.result)) keep_left_over(pin);
}

// What the socket has taken of left_over_; false if it has failed instead, which ends the stream.
bool StreamSession::step_over(int sent) {
  if (sent < 0 && sent != -EAGAIN) {
    abort();
    return false;
  }
  if (sent < 0) return true;
  loop_.gauges().bytes.add(sent);
  left_over_.remove_prefix(static_cast<std::size_t>(sent));
  return true;
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
}

void StreamSession::on_writable() {
  if (!is_blocked_) return;
  const Clock::Time now = loop_.now();
  BatchSender::Send rest{descriptor(), left_over_};
  send_now(rest);
  if (!step_over(rest.result)) return;
  if (rest.result > 0) last_sent_ = now;
  if (!left_over_.empty()) return;
  pin_ = nullptr;
  set_blocked(false);
  if (goodbye_ != Goodbye::kNone) return say_goodbye();  // at once: the time for it has given way to the write timeout
  set_deadline();
  proceed();
}

// What a client sends once its stream has begun means nothing; that it has left ends the stream.
void StreamSession::on_readable() {
  if (socket_ && socket_.receive(loop_.read_buffer()).is_end) abort();
}

void StreamSession::finish() { close_lingering(loop_, let_go()); }

void StreamSession::drain() {
  if (goodbye_ != Goodbye::kNone || options_.drain_time.count() == 0) return say_goodbye();
  goodbye_ = Goodbye::kSoon;
  arm(loop_.timers(), loop_.now() + loop_.part_of(options_.drain_time));
}

void StreamSession::say_goodbye() {
  goodbye_ = std::max(goodbye_, Goodbye::kDue);
  if (!can_send()) return;  // what is on its way goes first
  if (std::exchange(goodbye_, Goodbye::kSaid) == Goodbye::kSaid) return finish();
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_comment("the server is going away", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  send(out);
  if (can_send()) finish();
}

void StreamSession::abort() { let_go(); }

// The socket is the caller's, if there was one.
Socket StreamSession::let_go() {
  Socket socket = std::move(socket_);
  if (socket) loop_.sockets().remove(socket.descriptor());
  disarm();
  left_over_ = {};
  pin_ = nullptr;
  set_blocked(false);
  if (std::exchange(is_in_outbox_, false)) loop_.outbox().forget(*this);
  release();
  place_.reset();
  if (self_) {
    loop_.gauges().streams.add(-1);
    loop_.gauges().connections.add(-1);
    loop_.post([self = std::move(self_)] {});
  }
  return socket;
}

void StreamSession::set_blocked(bool is_blocked) {
  if (std::exchange(is_blocked_, is_blocked) == is_blocked) return;
  loop_.gauges().blocked.add(is_blocked ? 1 : -1);
  if (socket_) loop_.sockets().await_room(descriptor(), *this, is_blocked);
}

void StreamSession::set_deadline() {
  arm(loop_.timers(), last_sent_ + (is_blocked_ ? options_.write_timeout : options_.heartbeat));
}

void StreamSession::expired() {
  const auto silence = loop_.now() - last_sent_;
  if (is_blocked_) {
    if (silence < options_.write_timeout) return set_deadline();
    loop_.gauges().slow_disconnects.add(1);
    return abort();
  }
  if (goodbye_ != Goodbye::kNone) return say_goodbye();
  if (silence < options_.heartbeat) return set_deadline();
  if (is_in_outbox_) return arm(loop_.timers(), loop_.now() + options_.heartbeat);  // it is about to be heard of
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
