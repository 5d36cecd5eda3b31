#include "tidings/server/streams/stream_session.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/http/chunk.h"
#include "tidings/server/loop/failure.h"
#include "tidings/server/loop/lingering_close.h"

namespace tidings {

namespace {

// Some proxies (Varnish is one) hold the end of what was written back until more comes, which would be a heartbeat: so
// something small follows soon.
constexpr std::chrono::milliseconds kPushAfter{333};
constexpr unsigned char kPushes = 3;

// Others (Traffic Server, Varnish, Apache towards HTTP/2) drop the last chunk that they have where the end of the
// connection follows at once.
constexpr std::chrono::milliseconds kLastWordsTime{75};

// How the end of the connection looks to the client of a body that ends with it: with this set a close is a reset, also
// when the process is killed, and a proxy that speaks HTTP/1.0 (nginx does by default) passes a cut on as one.
void set_reset_at_close(int socket, bool is_reset) {
  const linger at_close{.l_onoff = is_reset ? 1 : 0, .l_linger = 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_close, sizeof at_close);
}

}  // namespace

std::string event_stream_head(const StreamStart& start) {
  std::string head =
      "HTTP/1.1 200 OK\r\n"
      "Content-Type: text/event-stream\r\n"
      "Content-Encoding: identity\r\n"  // proxies compress in spite of no-transform, and hold events back for it
      "Cache-Control: no-cache, no-transform\r\n"
      "X-Accel-Buffering: no\r\n"
      "X-Content-Type-Options: nosniff\r\n";
  // The connection ends with the stream all the same. To say so would make node's fetch take a body that was cut off
  // for a whole one.
  head += start.framing == Framing::kChunked ? "Transfer-Encoding: chunked\r\n" : "Connection: close\r\n";
  for (const auto& [name, value] : start.fields) head.append(name).append(": ").append(value).append("\r\n");
  return head.append("\r\n");
}

// The time until which the client was let in, on the wall clock: a deadline of the steady one is set anew whenever the
// wall clock was set, and once a day, since no steady clock reaches as far as a wall clock may.
class StreamSession::GrantsEnd final : private Timer {
 public:
  GrantsEnd(StreamSession& session, Clock::WallTime until) : session_(session), until_(until) { set(); }
  bool is_over() const { return is_over_; }

 private:
  void set() {
    constexpr Clock::WallTime::duration kDay = std::chrono::hours(24);
    Timers& timers = session_.loop_.timers();
    const Clock::WallTime now = timers.clock().wall_now();
    const bool is_soon = until_ < now + kDay;
    arm(timers, timers.now() + (until_ <= now ? Clock::WallTime::duration(0) : is_soon ? until_ - now : kDay));
  }
  void wall_clock_was_set() override { set(); }
  void expired() override {
    if (session_.loop_.timers().clock().wall_now() < until_) return set();
    is_over_ = true;
    session_.end_with_grant();
  }

  StreamSession& session_;
  const Clock::WallTime until_;
  bool is_over_ = false;
};

StreamSession::StreamSession(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat)
    : Session(loop), options_(options), heartbeat_(heartbeat) {}

StreamSession::~StreamSession() = default;

void StreamSession::open(const std::shared_ptr<StreamSession>& session, WatchedSocket socket, StreamLimits::Slot slot,
                         const StreamStart& start) {
  session->socket_ = std::move(socket);
  session->slot_ = std::move(slot);
  session->self_ = session;
  session->begin(start);
}

void StreamSession::begin(const StreamStart& start) {
  framing_ = start.framing;
  if (start.on_end) watch_.reset(new Watch{.on_end = start.on_end, .begin = loop_.now()});
  if (start.is_resumed) pushes_ = kPushes;
  sending_ = Sending::kFree;
  if (!is_chunked()) set_reset_at_close(descriptor(), true);
  loop_.metrics().streams.add(1);
  loop_.metrics().opened_streams.add(1);
  socket_.report_to(*this);
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_comment("", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  append_beginning(out);
  frame(out);
  out.insert(0, event_stream_head(start));
  send_alone(out);
  if (socket_) set_deadline();
  if (socket_ && start.until) grants_end_ = std::make_unique<GrantsEnd>(*this, end_before(*start.until));
  proceed();
}

void StreamSession::frame(std::string& text) const {
  if (!is_chunked()) return;
  text.insert(0, ChunkHead(text.size()).view());
  text += kChunkEnd;
}

void StreamSession::send(std::string& text) {
  frame(text);
  send_alone(text);
}

void StreamSession::send_soon(std::string& text) {
  frame(text);
  send_framed_soon(text);
}

void StreamSession::send_framed_soon(std::string_view text) {
  if (loop_.outbox().add(*this, descriptor(), text)) {
    last_sent_ = loop_.now();
    become(Sending::kInOutbox);
    return;
  }
  send_alone(text);
}

void StreamSession::send_alone(std::string_view bytes) {
  const Clock::Time now = loop_.now();
  BatchSender::Send alone{descriptor(), bytes};
  send_now(alone);
  take_sent(alone, nullptr, now);
}

void StreamSession::send_framed(std::span<const Piece> pieces) {
  last_sent_ = loop_.now();
  const int sent = send_pieces(descriptor(), pieces);
  if (count_sent(sent)) keep_left_over(pieces, static_cast<std::size_t>(std::max(sent, 0)));
}

void StreamSession::on_sent(const BatchSender::Send& sent) {
  become(Sending::kFree);
  take_sent(sent, nullptr, last_sent_);
  if (!can_send()) return;
  if (goodbye_ == Goodbye::kDue) return say_goodbye();
  proceed();
}

// How many bytes the socket took, or an error's number, negative.
int StreamSession::send_pieces(int socket, std::span<const Piece> pieces) {
  std::array<iovec, kMostPieces> parts;
  msghdr message{};
  message.msg_iov = parts.data();
  for (const Piece& piece : pieces.first(std::min(pieces.size(), kMostPieces))) {
    parts[message.msg_iovlen++] = {const_cast<char*>(piece.bytes.data()), piece.bytes.size()};
  }
  ssize_t result = 0;
  do {
    result = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : static_cast<int>(result);
}

void StreamSession::take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time time) {
  last_sent_ = time;
  if (!count_sent(sent.result)) return;
  const auto taken = static_cast<std::size_t>(std::max(sent.result, 0));
  if (taken == sent.bytes.size()) return;
  const Piece piece{sent.bytes, pin};
  keep_left_over({&piece, 1}, taken);
}

// Counts what a send has sent. False when it has failed: then the stream has ended.
bool StreamSession::count_sent(int sent) {
  if (sent < 0 && sent != -EAGAIN) {
    let_go();
    return false;
  }
  if (sent <= 0) return true;
  loop_.metrics().bytes.add(sent);
  if (watch_) watch_->bytes += static_cast<std::uint64_t>(sent);
  return true;
}

// Keeps what is left of the pieces when so many bytes of them were sent, if anything; then the stream is blocked.
void StreamSession::keep_left_over(std::span<const Piece> pieces, std::size_t sent) {
  std::size_t unpinned = 0;
  for (const Piece& piece : pieces) {
    if (!piece.pin) unpinned += piece.bytes.size();
  }
  std::shared_ptr<char[]> copies;
  std::size_t copied = 0;
  for (const Piece& piece : pieces) {
    const std::size_t gone = std::min(sent, piece.bytes.size());
    sent -= gone;
    const std::string_view rest = piece.bytes.substr(gone);
    if (rest.empty()) continue;
    if (!left_over_) left_over_ = std::make_unique<std::vector<Piece>>();
    if (piece.pin) {
      left_over_->push_back({rest, piece.pin});
      continue;
    }
    if (!copies) copies = std::shared_ptr<char[]>(new char[unpinned]);
    char* const copy = copies.get() + copied;
    std::memcpy(copy, rest.data(), rest.size());
    copied += rest.size();
    left_over_->push_back({{copy, rest.size()}, copies});
  }
  if (!left_over_) return;
  become(Sending::kBlocked);
  set_deadline();
}

// Tries again. True when nothing is left over any more; the stream may have ended.
bool StreamSession::send_left_over() {
  const int sent = send_pieces(descriptor(), *left_over_);
  if (!count_sent(sent)) return false;
  if (sent <= 0) return false;
  last_sent_ = loop_.now();
  const std::unique_ptr<std::vector<Piece>> before = std::exchange(left_over_, nullptr);
  keep_left_over(*before, static_cast<std::size_t>(sent));
  if (left_over_) return false;
  become(Sending::kFree);
  return true;
}

void StreamSession::on_writable() {
  if (sending_ != Sending::kBlocked || !send_left_over()) return;
  if (goodbye_ != Goodbye::kNone) return say_goodbye();  // at once: the time for it has given way to the write timeout
  set_deadline();
  proceed();
}

// What a client sends once its stream has begun means nothing; that it has left ends the stream.
void StreamSession::on_readable() {
  if (socket_.receive(loop_.read_buffer()).is_end) let_go();
}

// What was decided first counts: a client that leaves while its stream is ended has not ended it.
void StreamSession::will_end(EndReason reason) {
  if (end_reason_ == EndReason::kClientLeft) end_reason_ = reason;
}

void StreamSession::finish(EndReason reason) {
  will_end(reason);
  end_softly();
}

// So that what was sent last arrives.
void StreamSession::end_softly() {
  WatchedSocket socket = let_go();
  if (is_chunked()) close_lingering(loop_, std::move(socket));
}

void StreamSession::finish_whole() {
  will_end(EndReason::kReturned);
  if (!is_chunked()) {
    set_reset_at_close(descriptor(), false);
    return close_lingering(loop_, let_go());
  }
  goodbye_ = Goodbye::kSaid;  // the last chunk is all that is left to leave
  send_alone(kLastChunk);
  if (sending_ == Sending::kFree) end_softly();
}

void StreamSession::drain() {
  if (goodbye_ != Goodbye::kNone || options_.drain_time.count() == 0) return say_goodbye();
  goodbye_ = Goodbye::kSoon;
  arm(loop_.timers(), loop_.now() + loop_.part_of(options_.drain_time));
}

void StreamSession::say_goodbye() {
  const bool is_by_grant = grants_end_ && grants_end_->is_over();
  will_end(is_by_grant ? EndReason::kGrantOver : EndReason::kDrained);
  goodbye_ = std::max(goodbye_, Goodbye::kDue);
  if (sending_ != Sending::kFree) return;  // what is on its way goes first
  if (std::exchange(goodbye_, Goodbye::kSaid) == Goodbye::kSaid) return end_softly();
  std::string& out = loop_.write_buffer();
  out.clear();
  encode_comment(is_by_grant ? "the grant has ended" : "the server is going away", out);
  encode_reconnection_time(loop_.jittered(options_.reconnection_time), out);
  // Without a blank line, which some clients hand out as an empty message. Who takes no line without one has the time
  // that the stream began with, which was drawn as this one.
  send(out);
  if (sending_ != Sending::kFree) return;
  if (options_.drain_time.count() == 0) return end_softly();
  arm(loop_.timers(), loop_.now() + kLastWordsTime);
}

// Grants end with whole seconds, thousands in the same one perhaps: each stream ends at a moment of its own before
// that.
Clock::WallTime StreamSession::end_before(Clock::WallTime until) {
  const Clock::WallTime now = loop_.timers().clock().wall_now();
  if (until <= now) return until;
  const auto half = std::chrono::duration_cast<std::chrono::milliseconds>((until - now) / 2);
  return until - loop_.part_of(std::min(options_.drain_time, half));
}

// It waits for its turn: others may end at the same moment.
void StreamSession::end_with_grant() {
  loop_.backlog().add([self = self(), this] {
    if (socket_ && goodbye_ < Goodbye::kDue) say_goodbye();
  });
}

void StreamSession::abort() {
  will_end(EndReason::kCutOff);
  let_go();
}

// The stream has ended, also when this is called again from what release() destroys. The socket is the caller's, if
// there still was one. What called this may go on using the session: it lives until the loop next runs what was posted,
// which is in the next turn where this is called from posted work itself.
WatchedSocket StreamSession::let_go() {
  WatchedSocket socket = std::move(socket_);
  disarm();
  grants_end_ = nullptr;
  left_over_ = nullptr;
  if (sending_ == Sending::kInOutbox) loop_.outbox().forget(*this);
  become(Sending::kClosed);
  release();
  slot_ = {};
  if (self_) {
    loop_.metrics().streams.add(-1);
    tell_end();
    loop_.post([self = std::move(self_)] {});
  }
  return socket;
}

void StreamSession::tell_end() {
  loop_.metrics().ended(end_reason_).add(1);
  const std::unique_ptr<Watch> watch = std::move(watch_);
  if (!watch) return;
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(loop_.now() - watch->begin);
  try {
    watch->on_end({.reason = end_reason_, .time = time, .events = watch->events, .bytes = watch->bytes});
  } catch (...) {
    spdlog::error("what was to be told of a stream's end failed: {}", describe(std::current_exception()));
    loop_.metrics().failures.add(1);
  }
}

void StreamSession::become(Sending next) {
  const bool was_blocked = std::exchange(sending_, next) == Sending::kBlocked;
  const bool is_blocked = next == Sending::kBlocked;
  if (was_blocked == is_blocked) return;
  loop_.metrics().blocked.add(is_blocked ? 1 : -1);
  if (socket_) socket_.await({.room = is_blocked});
}

// How long nothing may be sent before something has to happen.
std::chrono::milliseconds StreamSession::patience() const {
  if (sending_ == Sending::kBlocked) return options_.write_timeout;
  return pushes_ > 0 ? std::min(kPushAfter, options_.heartbeat) : options_.heartbeat;
}

void StreamSession::set_deadline() { arm(loop_.timers(), last_sent_ + patience()); }

void StreamSession::expired() {
  // The whole process may have stood still meanwhile: a client that has read since then is not slow.
  if (sending_ == Sending::kBlocked) on_writable();
  if (!socket_ || is_armed()) return;
  const bool is_blocked = sending_ == Sending::kBlocked;
  if (!is_blocked && goodbye_ != Goodbye::kNone) return say_goodbye();
  if (loop_.now() - last_sent_ < patience()) {
    if (!is_blocked && pushes_ > 0) --pushes_;  // something has followed what the client was sent
    return set_deadline();
  }
  if (is_blocked) {
    will_end(EndReason::kSlow);
    let_go();
    return;
  }
  if (sending_ == Sending::kInOutbox) return arm(loop_.timers(), loop_.now() + patience());  // it leaves soon
  send_heartbeat();
}

void StreamSession::send_heartbeat() {
  std::string& out = loop_.write_buffer();
  out.clear();
  if (heartbeat_ == Heartbeat::kEvent && pushes_ == 0) {
    encode(Event("heartbeat", ""), out);
  } else {
    encode_comment("", out);
  }
  pushes_ = 0;
  send(out);
  if (can_send()) set_deadline();
}

}  // namespace tidings
