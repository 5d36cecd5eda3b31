#include "tidings/server/gateway/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/http_date.h"
#include "tidings/server/http/text.h"
#include "tidings/server/loop/failure.h"
#include "tidings/server/loop/lingering_close.h"

namespace tidings {

namespace {

constexpr int kReadsPerTurn = 64;
constexpr std::chrono::seconds kRetryAfter{10};  // give or take half
constexpr std::chrono::seconds kGrace{5};        // for the rest of a request of which something came just in time

Heartbeat asked_heartbeat(const Request& request) {
  const auto wanted = request.parameter("heartbeat");
  if (!wanted) return Heartbeat::kComment;
  if (*wanted == "event") return Heartbeat::kEvent;
  throw Refusal(400, "heartbeat must be event, or left out for heartbeat comments.");
}

}  // namespace

Connection::Connection(EventLoop& loop, ConnectionContext& context, Socket socket,
                       const asio::ip::tcp::endpoint& remote)
    : Session(loop),
      context_(context),
      socket_(loop.sockets().add(std::move(socket))),
      remote_(remote),
      reader_(context.options.request),
      collecting_(context.collecting),
      idle_(loop.idle_sessions(), *this) {}

void Connection::start() {
  if (!socket_) return;
  self_ = shared_from_this();
  socket_.report_to(*this);
  const int on = 1;
  setsockopt(socket_.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef TCP_USER_TIMEOUT
  // A client whose machine has vanished takes nothing and says nothing; the kernel would try for a quarter of an hour.
  const auto timeout = static_cast<unsigned>(std::min<std::chrono::milliseconds::rep>(
      context_.options.write_timeout.count(), std::numeric_limits<int>::max()));
  setsockopt(socket_.descriptor(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
#endif
  if (loop_.is_finishing()) return close();
  if (context_.descriptors.is_in_reserve(socket_.descriptor())) keep_alive_ = false;
  wait_for_request(context_.options.head_timeout);
}

void Connection::drain() {
  keep_alive_ = false;
  if (phase_ == Phase::kReading && reader_.state() == RequestReader::State::kEmpty) make_way();
}

void Connection::make_way() {
  // A request that has come just now is answered.
  take_what_has_come();
  // Otherwise the socket closes at once and without lingering. Nothing unread waits in it, so the close does not reset
  // the connection; and a browser would not answer a FIN that it gets on an idle connection, but keep it open.
  if (phase_ == Phase::kReading && reader_.state() == RequestReader::State::kEmpty) abort();
}

void Connection::abort() {
  is_aborted_ = true;
  let_go();
}

// The socket is the caller's, if there still was one. What runs further up in this turn may go on using the connection,
// which lives to the next.
WatchedSocket Connection::let_go() {
  phase_ = Phase::kClosed;
  idle_.leave();
  disarm();
  if (self_) loop_.post([self = std::move(self_)] {});
  return std::move(socket_);
}

// This process may have stood still, a laptop's lid closed: what the client did in time lies in the socket then, so
// that is looked at before the client is judged.
void Connection::expired() {
  if (phase_ == Phase::kWriting) {
    const std::size_t before = written_;
    write();
    if (phase_ == Phase::kWriting && written_ == before) abort();
    return;
  }
  const bool has_come = take_what_has_come();
  if (phase_ != Phase::kReading) return;
  if (is_armed()) return;  // for the rest of a head that has begun only now
  if (has_come && !std::exchange(has_had_grace_, true)) {
    return arm(loop_.timers(), loop_.now() + kGrace);
  }
  if (reader_.state() == RequestReader::State::kEmpty) return abort();
  refuse(problem(408, "The request did not arrive in time."));
}

std::string Connection::date() const {
  return http_date(std::chrono::floor<std::chrono::seconds>(loop_.timers().clock().wall_now()));
}

void Connection::wait_for_request(std::chrono::milliseconds time) {
  idle_.wait(loop_.now());
  read_until(loop_.now() + time);
}

void Connection::read_until(Clock::Time deadline) {
  phase_ = Phase::kReading;
  arm(loop_.timers(), deadline);
  socket_.await({.input = true});
}

// What comes while a request is answered waits in the socket: it may be the next request, or a FIN that ends the
// requests and not the wait for the answer. It is told of for as long as it waits, so that input is not awaited any
// more once there is some; most clients send nothing meanwhile, and what is awaited stays as it is.
void Connection::on_readable() {
  if (phase_ == Phase::kReading) {
    receive();
  } else {
    socket_.await({.input = false});
  }
}

// Who has reset the connection waits for no answer. A request that came before that is still read, to be found
// abandoned by the worker that gets it.
void Connection::on_gone() {
  if (phase_ == Phase::kReading) {
    receive();
  } else {
    abort();
  }
}

// Whether anything was there.
bool Connection::receive() {
  const Socket::Received received = socket_.receive(loop_.read_buffer());
  if (received.is_end) {
    abort();
  } else if (received.bytes > 0) {
    take({loop_.read_buffer().data(), received.bytes});
  }
  return received.is_end || received.bytes > 0;
}

// Whether anything had. Not all of it, where a client sends faster than is read here: others have their turn.
bool Connection::take_what_has_come() {
  int reads = 0;
  while (reads < kReadsPerTurn && phase_ == Phase::kReading && receive()) ++reads;
  return reads > 0;
}

void Connection::take(std::string_view bytes) {
  using State = RequestReader::State;
  const State before = reader_.state();
  idle_.leave();
  const std::size_t taken = reader_.feed(bytes);
  const State after = reader_.state();
  if (after == State::kWhole) {
    collecting_.set(0);
    ahead_.assign(bytes.substr(taken));
    return hand_to_worker();
  }
  if (after == State::kRefused) return refuse(problem(reader_.refusal().status, reader_.refusal().sentence));
  if (!collecting_.set(reader_.kept_bytes())) {
    return refuse_for_now("The server has more of unfinished requests than it may keep: try again shortly.");
  }
  if (after == State::kBody && judgement_ == Judgement::kNone) return ask_for_admission();
  // The deadline of a head counts from its first byte, whatever comes later.
  if (before == State::kEmpty && after == State::kHead) {
    arm(loop_.timers(), loop_.now() + context_.options.head_timeout);
  }
}

// Nothing of the body is read before a worker has said whether the head is all right.
void Connection::ask_for_admission() {
  if (!can_wait_for_worker()) return refuse_since_busy();
  post_to_worker({.head = reader_.head_alone(),
                  .keep_alive = false,  // what comes behind a refusal is a body
                  .is_head_alone = true});
}

void Connection::take_body(bool is_admitted) {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  judgement_ = is_admitted ? Judgement::kAdmitted : Judgement::kNotRefused;
  // An empty send buffer always has room for it.
  if (reader_.take_expectation() && socket_.send(kContinue).bytes != kContinue.size()) return abort();
  read_until(loop_.now() + context_.options.body_timeout);
}

bool Connection::can_wait_for_worker() const {
  return context_.waiting_requests < context_.options.max_waiting_requests &&
         context_.waiting_bytes < context_.options.max_waiting_bytes;
}

// While the reader still has the head, which says what origin the answer is for.
void Connection::refuse_since_busy() {
  refuse_for_now("The server has more requests than it can answer soon: try again shortly.");
}

void Connection::hand_to_worker() {
  if (!can_wait_for_worker()) return refuse_since_busy();
  loop_.metrics().requests.add(1);
  post_to_worker({.head = reader_.take_head(),
                  .body = reader_.take_body(),
                  .keep_alive = keep_alive_ && reader_.keep_alive(),
                  .is_admitted = judgement_ == Judgement::kAdmitted});
}

void Connection::post_to_worker(ReceivedRequest request) {
  phase_ = Phase::kAnswering;
  disarm();
  request.remote_address = remote_.address().to_string();
  request.remote_port = remote_.port();
  request.date = date();
  request.is_head = reader_.is_head_request();
  const std::size_t bytes = request.head.size() + request.body.size();
  ++context_.waiting_requests;
  context_.waiting_bytes += bytes;
  asio::post(context_.workers, [self = shared_from_this(), request = std::move(request), bytes]() mutable {
    Outcome outcome;
    if (!self->is_aborted_) outcome = self->context_.router.answer(std::move(request));
    --self->context_.waiting_requests;
    self->context_.waiting_bytes -= bytes;
    EventLoop& loop = self->loop_;
    loop.post(
        [self = std::move(self), outcome = std::move(outcome)]() mutable { self->take_outcome(std::move(outcome)); });
  });
}

void Connection::take_outcome(Outcome outcome) {
  if (outcome.has_failed) loop_.metrics().failures.add(1);
  if (phase_ != Phase::kAnswering) return;  // the client has gone meanwhile
  if (reader_.state() == RequestReader::State::kBody) return take_judgement(std::move(outcome));
  if (outcome.stream) return begin_stream(std::move(*outcome.stream), outcome.keep_alive);
  if (outcome.response.empty()) return abort();
  respond(std::move(outcome.response), outcome.keep_alive);
}

void Connection::take_judgement(Outcome outcome) {
  if (outcome.response.empty()) return take_body(outcome.is_admitted);
  loop_.metrics().refused_requests.add(1);
  respond(std::move(outcome.response), false);
}

void Connection::begin_stream(StreamRequest asked, bool keep_alive) {
  Request& request = asked.request;
  const std::string path = printable(request.path);
  const std::optional<std::string> origin(request.header("Origin"));
  StreamStart start{.fields = context_.cors.fields(origin),
                    .framing = reader_.is_http_1_0() ? Framing::kNone : Framing::kChunked,
                    .is_resumed = request.last_event_id().has_value()};
  start.fields.emplace_back("Date", date());
  std::optional<StreamLimits::Slot> slot = context_.limits.take_slot(request.remote_address);
  std::shared_ptr<StreamSession> stream;
  Answer refused;
  try {
    if (loop_.is_finishing()) throw Refusal(503, "The server is going away: try again shortly.");
    if (context_.descriptors.is_in_reserve(socket_.descriptor()))
      throw Refusal(503, "The server has no descriptor left for a stream: try again shortly.");
    const Heartbeat heartbeat = asked_heartbeat(request);
    if (!slot) throw Refusal(503, "The server has as many event streams open as it may: try again shortly.");
    stream = context_.stream_openers.at(asked.opener)(loop_, context_.options.stream, heartbeat, std::move(request));
  } catch (const Refusal& refusal) {
    refused = problem(refusal);
  } catch (...) {
    spdlog::error("{}: the generator failed: {}", path, describe(std::current_exception()));
    loop_.metrics().generator_failures.add(1);
    refused = problem(500, "The generator of this path failed; the server's log says why.");
  }
  if (!stream) {
    loop_.metrics().refused_streams.add(1);
    if (refused.status == 503 && !has_header(refused, "Retry-After")) add_retry_after(refused);
    context_.cors.mark(refused, origin);
    keep_alive = keep_alive && keep_alive_;
    return respond(
        response_bytes(refused, {.keep_alive = keep_alive, .is_head = reader_.is_head_request(), .date = date()}),
        keep_alive);
  }
  if (reader_.is_head_request()) {
    stream = nullptr;  // at once: it was asked only whether there would be one
    return respond(event_stream_head(start), start.framing == Framing::kChunked && keep_alive);
  }
  stream->open(let_go(), std::move(*slot), start);
}

void Connection::add_retry_after(Answer& answer) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(loop_.jittered(kRetryAfter));
  answer.headers.emplace_back("Retry-After", std::to_string(wait.count()));
}

void Connection::refuse_for_now(std::string_view sentence) {
  Answer answer = problem(503, sentence);
  add_retry_after(answer);
  refuse(std::move(answer));
}

// By the gateway itself, before anybody else has seen the request: the connection ends, since where the next request
// begins may not be known.
void Connection::refuse(Answer answer) {
  loop_.metrics().refused_requests.add(1);
  context_.cors.mark(answer, reader_.origin());
  respond(response_bytes(answer, {.is_head = reader_.is_head_request(), .date = date()}), false);
}

void Connection::respond(std::string response, bool keep_alive) {
  phase_ = Phase::kWriting;
  response_ = std::move(response);
  written_ = 0;
  keep_alive_ = keep_alive_ && keep_alive;
  write();
}

void Connection::write() {
  const Socket::Sent sent = socket_.send(std::string_view(response_).substr(written_));
  if (sent.has_failed) return abort();
  written_ += sent.bytes;
  if (written_ == response_.size()) return finish_response();
  arm(loop_.timers(), loop_.now() + context_.options.write_timeout);
  socket_.await({.input = false, .room = true});
}

void Connection::finish_response() {
  std::string().swap(response_);  // assigning would keep its memory for as long as the connection is idle
  if (!keep_alive_ || loop_.is_finishing()) return close();
  reader_ = RequestReader(context_.options.request);
  judgement_ = Judgement::kNone;
  has_had_grace_ = false;
  const std::string ahead = std::exchange(ahead_, {});
  if (ahead.empty()) return wait_for_request(context_.options.keep_alive);
  read_until(loop_.now() + context_.options.head_timeout);
  take(ahead);
}

void Connection::close() { close_lingering(loop_, let_go()); }

}  // namespace tidings
