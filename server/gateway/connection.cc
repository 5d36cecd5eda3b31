#include "tidings/server/gateway/connection.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "tidings/server/gateway/forwarded.h"
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

Connection::Connection(EventLoop& loop, ConnectionContext& context, Socket socket, const Peer& peer)
    : Session(loop),
      context_(context),
      socket_(loop.sockets().add(std::move(socket))),
      remote_address_(text_of(peer)),
      remote_port_(peer.port),
      is_proxy_(context.options.trusted_proxies.contains(peer)),
      reader_(context.options.request),
      unfinished_(context.unfinished),
      idle_(loop.idle_sessions(), *this) {
  if (is_proxy_ && context.options.proxy_protocol) proxy_header_ = std::make_unique<ProxyHeader>();
}

void Connection::start() {
  if (!socket_) return;
  self_ = shared_from_this();
  socket_.report_to(*this);
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
  const std::uint64_t asked = asked_;
  take_what_has_come();
  if (asked_ != asked) return;
  // Otherwise the socket closes at once and without lingering. Nothing unread waits in it, so the close does not reset
  // the connection; and a browser would not answer a FIN that it gets on an idle connection, but keep it open.
  if (phase_ == Phase::kReading && reader_.state() == RequestReader::State::kEmpty) abort();
}

void Connection::abort() {
  is_aborted_ = true;
  let_go();
}

// The time is over for what the client has to do. It may have done so all the same: while this process stands still,
// the lid of a laptop closed for example, what comes in time stays in the socket. So the socket is looked at first.
void Connection::expired() {
  if (phase_ == Phase::kWriting) {
    const std::size_t before = written_;
    write();
    if (phase_ == Phase::kWriting && written_ == before) abort();
    return;
  }
  if (phase_ == Phase::kAnswering) return refuse_unanswered();
  const bool has_come = take_what_has_come();
  if (phase_ != Phase::kReading) return;
  if (is_armed()) return;  // a head has begun only now, and has its own time
  if (has_come && !std::exchange(has_had_grace_, true)) {
    return arm(loop_.timers(), loop_.now() + kGrace);
  }
  if (reader_.state() == RequestReader::State::kEmpty) return abort();
  refuse(problem(408, "The request did not arrive in time."), reader_.origin());
}

// What comes while a request is answered stays in the socket: it may be the next request, or a FIN, by which a client
// ends its requests and not its wait for the answer. The set would tell of it in every turn, so from the first time on
// input is not awaited, until the connection reads again. Most clients send nothing meanwhile, and then nothing
// changes.
void Connection::on_readable() {
  if (phase_ == Phase::kReading) {
    receive();
  } else {
    socket_.await({.input = false});
  }
}

// A client that has reset the connection waits for no answer. While reading, what it sent before the reset is received
// first; the reset is told again.
void Connection::on_gone() {
  if (phase_ == Phase::kReading) {
    receive();
  } else {
    abort();
  }
}

void Connection::wait_for_request(std::chrono::milliseconds time) {
  idle_.begin(loop_.now());
  read_until(loop_.now() + time);
}

void Connection::read_until(Clock::Time deadline) {
  phase_ = Phase::kReading;
  arm(loop_.timers(), deadline);
  socket_.await({.input = true});
}

// Takes what there is, at most a buffer full. Whether there was anything, the client's end included.
bool Connection::receive() {
  const Socket::Received received = socket_.receive(loop_.read_buffer());
  if (received.is_end) {
    abort();
  } else if (received.bytes > 0) {
    take({loop_.read_buffer().data(), received.bytes});
  }
  return received.is_end || received.bytes > 0;
}

// Takes all that has come, but no more than some buffers full, so that a client that sends faster than is read here
// leaves others their turn. Whether anything had come.
bool Connection::take_what_has_come() {
  int reads = 0;
  while (reads < kReadsPerTurn && phase_ == Phase::kReading && receive()) ++reads;
  return reads > 0;
}

void Connection::take(std::string_view bytes) {
  if (proxy_header_ && !take_proxy_header(bytes)) return;
  using State = RequestReader::State;
  const State before = reader_.state();
  idle_.end();
  const std::size_t taken = reader_.feed(bytes);
  const State after = reader_.state();
  if (after == State::kWhole) {
    unfinished_.set(0);
    ahead_.assign(bytes.substr(taken));
    return ask_for_answer();
  }
  if (after == State::kRefused) {
    return refuse(problem(reader_.refusal().status, reader_.refusal().sentence), reader_.origin());
  }
  if (!unfinished_.set(reader_.kept_bytes())) {
    return refuse_for_now("The server has more of unfinished requests than it may keep: try again shortly.",
                          reader_.origin());
  }
  if (after == State::kBody && judgement_ == Judgement::kNone) return ask_for_judgement();
  // A head's time begins with its first byte, and no later byte prolongs it.
  if (before == State::kEmpty && after == State::kHead) {
    arm(loop_.timers(), loop_.now() + context_.options.head_timeout);
  }
}

// Whether it is whole, and something has come behind it. Within the time of the first head, and silent where it is
// wrong: whoever does not speak the protocol is not expecting an answer in it.
bool Connection::take_proxy_header(std::string_view& bytes) {
  bytes.remove_prefix(proxy_header_->feed(bytes));
  if (proxy_header_->state() == ProxyHeader::State::kPartial) {
    if (!unfinished_.set(proxy_header_->kept_bytes())) abort();
    return false;
  }
  if (proxy_header_->state() == ProxyHeader::State::kWrong) {
    if (!context_.has_missed_header.exchange(true)) {
      spdlog::warn("A connection of {} does not begin with the PROXY protocol, and is closed; others are too.",
                   remote_address_);
    }
    abort();
    return false;
  }
  if (const std::optional<Peer>& source = proxy_header_->source()) {
    remote_address_ = text_of(*source);
    remote_port_ = source->port;
    is_proxy_ = context_.options.trusted_proxies.contains(*source);
  }
  proxy_header_ = nullptr;
  unfinished_.set(0);
  return !bytes.empty();
}

// Nothing more of the body is read before the router has said whether the head is enough to refuse the request.
void Connection::ask_for_judgement() {
  origin_ = reader_.origin();
  ask({.head = reader_.head_alone(),
       .keep_alive = false,  // what comes behind a refusal is a body
       .is_head_alone = true});
}

void Connection::ask_for_answer() {
  origin_ = reader_.origin();
  ask({.head = reader_.take_head(),
       .body = reader_.take_body(),
       .keep_alive = keep_alive_ && reader_.keep_alive(),
       .is_admitted = judgement_ == Judgement::kAdmitted});
}

// What is quick is answered here and now. Not where the next request has come already: a client that sends many at a
// time would have each of them answered within the call for the one before.
void Connection::ask(ReceivedRequest request) {
  try {
    say_who_asks(request);
  } catch (const Refusal& refusal) {
    return refuse(problem(refusal), origin_);
  }
  request.is_quick = ahead_.empty() && context_.router.is_quick(request);
  if (!request.is_quick && !can_wait_for_worker()) return refuse_since_busy();
  if (!request.is_head_alone) loop_.metrics().requests.add(1);
  phase_ = Phase::kAnswering;
  ++asked_;
  request.date = date();
  request.is_head = reader_.is_head_request();
  request.deliver = [box = loop_.post_box(), weak = weak_from_this()](std::variant<LateAnswer, Continuation> late) {
    box->post([weak, late = std::move(late)]() mutable {
      const auto self = weak.lock();
      if (!self) return;
      if (auto* const answer = std::get_if<LateAnswer>(&late)) return self->take_late_answer(std::move(*answer));
      self->go_on(std::get<Continuation>(late));
    });
  };
  if (!request.is_quick) return post_to_worker(std::move(request));
  std::optional<Outcome> outcome = context_.router.answer(std::move(request));
  outcome ? take_outcome(std::move(*outcome)) : await_late_answer(asked_);
}

// The peer, or whom it speaks for. Throws a Refusal where a trusted proxy says what can't be.
void Connection::say_who_asks(ReceivedRequest& request) const {
  request.remote_address = remote_address_;
  request.remote_port = remote_port_;
  if (!is_proxy_) return;
  const Forwarded forwarded = read_forwarded(request.head, context_.options.trusted_proxies);
  if (forwarded.client) {
    request.remote_address = text_of(Peer{.address = forwarded.client});
    request.remote_port = 0;
  }
  request.scheme = forwarded.scheme;
  if (!forwarded.host.empty()) set_host(request.head, forwarded.host);
}

bool Connection::can_wait_for_worker() const {
  return context_.waiting_requests < context_.options.max_waiting_requests &&
         context_.waiting_bytes < context_.options.max_waiting_bytes;
}

void Connection::post_to_worker(ReceivedRequest request) {
  disarm();
  const std::size_t bytes = request.head.size() + request.body.size();
  ++context_.waiting_requests;
  context_.waiting_bytes += bytes;
  asio::post(context_.workers,
             [self = shared_from_this(), request = std::move(request), bytes, number = asked_]() mutable {
               std::optional<Outcome> outcome = Outcome();
               if (!self->is_aborted_) outcome = self->context_.router.answer(std::move(request));
               --self->context_.waiting_requests;
               self->context_.waiting_bytes -= bytes;
               EventLoop& loop = self->loop_;
               // The connection goes where it lives, also when the outcome comes later.
               loop.post([self = std::move(self), outcome = std::move(outcome), number]() mutable {
                 outcome ? self->take_outcome(std::move(*outcome)) : self->await_late_answer(number);
               });
             });
}

// Nobody is busy with the request but whoever will answer it. The answer may have come before this is known here.
void Connection::await_late_answer(std::uint64_t number) {
  if (phase_ == Phase::kAnswering && number == asked_)
    arm(loop_.timers(), loop_.now() + context_.options.answer_timeout);
}

// The connection ends, so that an answer that comes still later is not taken for that of another request.
void Connection::refuse_unanswered() {
  Answer answer = problem(503, "The request was not answered in time; it may have been done all the same.");
  add_retry_after(answer);
  context_.cors.mark(answer, origin_);
  respond(bytes_of(answer, false), false);
}

// What answers late may be anything, and there is no worker any more to say that it is none.
void Connection::take_late_answer(LateAnswer late) {
  if (phase_ != Phase::kAnswering) return;  // the client has gone meanwhile
  Answer& answer = late.answer;
  const std::optional<std::string>& origin = late.origin;
  context_.cors.mark(answer, origin);
  const bool keep_alive = late.keep_alive && keep_alive_;
  std::string response;
  try {
    response = bytes_of(answer, keep_alive);
  } catch (const std::exception& error) {
    spdlog::error("an answer that came later is none: {}", error.what());
    loop_.metrics().failures.add(1);
    Answer failure = problem(500, "The request could not be answered; the server's log says why.");
    context_.cors.mark(failure, origin);
    response = bytes_of(failure, keep_alive);
  }
  respond(std::move(response), keep_alive);
}

// The verdict on the request has come. What is left to do is quick, as that of all routes with such verdicts.
void Connection::go_on(const Continuation& router) {
  if (phase_ != Phase::kAnswering) return;  // the client has gone meanwhile
  disarm();
  std::optional<Outcome> outcome = router();
  outcome ? take_outcome(std::move(*outcome)) : await_late_answer(asked_);
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
  if (!outcome.response.empty()) {
    loop_.metrics().refused_requests.add(1);
    return respond(std::move(outcome.response), false);
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  judgement_ = outcome.is_admitted ? Judgement::kAdmitted : Judgement::kNotRefused;
  // The send buffer is empty, so there is room for it.
  if (reader_.take_expectation() && socket_.send(kContinue).bytes != kContinue.size()) return abort();
  read_until(loop_.now() + context_.options.body_timeout);
}

void Connection::begin_stream(StreamRequest asked, bool keep_alive) {
  Request& request = asked.request;
  const std::string path = printable(request.path);
  const std::optional<std::string> origin(request.header("Origin"));
  StreamStart start{.fields = context_.cors.fields(origin),
                    .framing = reader_.is_http_1_0() ? Framing::kNone : Framing::kChunked,
                    .is_resumed = request.last_event_id().has_value(),
                    .until = asked.admitted.until};
  start.fields.emplace_back("Date", date());
  const bool is_told = context_.options.on_stream && !reader_.is_head_request();
  const std::optional<Request> told = is_told ? std::optional(request) : std::nullopt;
  std::optional<StreamLimits::Slot> slot = context_.limits.take_slot(request.remote_address);
  NewStream stream;
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
  if (!stream.session) {
    loop_.metrics().refused_streams.add(1);
    if (refused.status == 503 && !has_header(refused, "Retry-After")) add_retry_after(refused);
    context_.cors.mark(refused, origin);
    keep_alive = keep_alive && keep_alive_;
    return respond(bytes_of(refused, keep_alive), keep_alive);
  }
  for (Answer::Fields* const more : {&asked.admitted.stream_fields, &stream.fields}) {
    std::move(more->begin(), more->end(), std::back_inserter(start.fields));
  }
  if (reader_.is_head_request()) {
    // HEAD asks only whether there would be one: its generator goes before the answer is sent.
    stream.session = nullptr;
    return respond(event_stream_head(start), start.framing == Framing::kChunked && keep_alive);
  }
  if (told) start.on_end = tell_of_stream(*told);
  StreamSession::open(stream.session, let_go(), std::move(*slot), start);
}

OnStreamEnd Connection::tell_of_stream(const Request& request) {
  try {
    return context_.options.on_stream(request);
  } catch (...) {
    spdlog::error("what was to be told of a stream failed: {}", describe(std::current_exception()));
    loop_.metrics().failures.add(1);
    return {};
  }
}

// The gateway itself refuses the request, before the router has seen it. The connection ends, since nobody may know
// where the next request on it would begin.
void Connection::refuse(Answer answer, std::optional<std::string_view> origin) {
  loop_.metrics().refused_requests.add(1);
  context_.cors.mark(answer, origin);
  respond(bytes_of(answer, false), false);
}

void Connection::refuse_for_now(std::string_view sentence, std::optional<std::string_view> origin) {
  Answer answer = problem(503, sentence);
  add_retry_after(answer);
  refuse(std::move(answer), origin);
}

void Connection::refuse_since_busy() {
  refuse_for_now("The server has more requests than it can answer soon: try again shortly.", origin_);
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
  std::string().swap(response_);  // an assignment would keep its memory while the connection is idle
  if (!keep_alive_ || loop_.is_finishing()) return close();
  reader_ = RequestReader(context_.options.request);
  judgement_ = Judgement::kNone;
  has_had_grace_ = false;
  const std::string ahead = std::exchange(ahead_, {});
  if (ahead.empty()) return wait_for_request(context_.options.keep_alive);
  read_until(loop_.now() + context_.options.head_timeout);
  take(ahead);
}

std::string Connection::bytes_of(const Answer& answer, bool keep_alive) const {
  return response_bytes(answer, {.keep_alive = keep_alive, .is_head = reader_.is_head_request(), .date = date()});
}

std::string Connection::date() const {
  return http_date(std::chrono::floor<std::chrono::seconds>(loop_.timers().clock().wall_now()));
}

void Connection::add_retry_after(Answer& answer) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(loop_.jittered(kRetryAfter));
  answer.headers.emplace_back("Retry-After", std::to_string(wait.count()));
}

void Connection::close() { close_lingering(loop_, let_go()); }

// The socket is the caller's, if there still was one. What called this may go on using the connection: it lives until
// the loop next runs what was posted, which is in the next turn where this is called from posted work itself.
WatchedSocket Connection::let_go() {
  phase_ = Phase::kClosed;
  idle_.end();
  disarm();
  if (self_) loop_.post([self = std::move(self_)] {});
  return std::move(socket_);
}

}  // namespace tidings
