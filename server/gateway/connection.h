// One client's HTTP connection on its loop, from the accepted socket until it closes or becomes an event stream.
//
//   socket ──► RequestReader ──► Router ──► response ──► socket, then the next request
//                                  │   └──► StreamSession, which takes the socket over
//                                  └ here where that is quick: a stream, a publication; else on a worker
//
// It waits without a buffer and without a thread: a slow or silent client costs this object and what it has sent.
// Loop thread only, but that a worker's task holds a pointer to it.
#pragma once

#include <asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/gateway/descriptor_budget.h"
#include "tidings/server/gateway/peer.h"
#include "tidings/server/gateway/proxy_header.h"
#include "tidings/server/gateway/trusted_proxies.h"
#include "tidings/server/gateway/unfinished_requests.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/cors.h"
#include "tidings/server/http/outcome.h"
#include "tidings/server/http/received_request.h"
#include "tidings/server/http/request_reader.h"
#include "tidings/server/http/router.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/idle_sessions.h"
#include "tidings/server/loop/socket.h"
#include "tidings/server/loop/socket_set.h"
#include "tidings/server/streams/stream_end.h"
#include "tidings/server/streams/stream_limits.h"
#include "tidings/server/streams/stream_session.h"

namespace tidings {

struct ConnectionOptions {
  RequestReader::Limits request;
  // For a whole head, from its first byte or, for a connection's first, from its start.
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds keep_alive = std::chrono::seconds(75);  // idle, between two requests
  // For a handler that answers later, once its worker is free.
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);  // without a byte taken
  // How many requests may be with the workers or wait for one, in all; beyond either bound a request is refused with a
  // 503. The number is high since many at once are no attack: after a restart every page comes back.
  std::size_t max_waiting_requests = 65'536;
  std::size_t max_waiting_bytes = std::size_t{256} << 20;  // of their heads and bodies
  // What requests that have come in part may keep, in all; beyond it those that keep more than their share are refused
  // with a 503 (unfinished_requests.h). A request that comes whole at a time is not among them.
  std::size_t max_collecting_bytes = std::size_t{64} << 20;
  StreamOptions stream;
  OnStream on_stream = {};
  TrustedProxies trusted_proxies;
  bool proxy_protocol = false;  // a connection of theirs begins with a ProxyHeader, or is closed
};

// What every connection uses; outlives them all.
struct ConnectionContext {
  ConnectionOptions options;
  Router& router;
  const CorsPolicy& cors;
  StreamLimits& limits;
  asio::io_context& workers;
  std::vector<OpenStream> stream_openers = {};  // by the numbers that the router has for them; none comes once it runs
  std::atomic<std::size_t> waiting_requests = 0, waiting_bytes = 0;  // with the workers or waiting for one
  UnfinishedRequests unfinished{options.max_collecting_bytes};
  std::atomic<bool> has_missed_header = false;  // of the PROXY protocol, where one was due: that is logged once
  const DescriptorBudget descriptors = DescriptorBudget::of_process();
};

class Connection final : public Session,
                         private Timer,
                         private IdleSessions::Member,
                         private WatchedSocket::Owner,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(EventLoop& loop, ConnectionContext& context, Socket socket, const Peer& peer);

  // Once. From now on it keeps itself alive for as long as it has the socket.
  void start();

  void drain() override;
  void abort() override;

 private:
  // Who has to act next. Beside each phase there are these states and no others:
  //
  //   phase       who         reader_         judgement_   the socket awaits             the timer is the
  //   kReading    the client  kEmpty, kHead   kNone        input                         idle or head timeout
  //               the client  kBody           not kNone    input                         body timeout
  //   kAnswering  a worker    kBody           kNone        input, until some has come    (not armed)
  //               a verdict   kBody, kWhole   kNone        the same                      answer timeout
  //               a handler   kWhole          any          the same                      answer timeout, or not armed
  //   kWriting    the client  not kEmpty      any          room                          write timeout
  //   kClosed     nobody      any             any          (there is none)               (not armed)
  //
  // A handler has a worker, or answers later: then the timer is armed. A worker that has a request of which the body
  // has not come judges its head alone. A verdict that comes later is the application's: whether the request is let in.
  // What is quick needs no worker: kAnswering is over before another event comes.
  // In kReading with kEmpty the session is idle. That the connection is gone is told in every phase.
  enum class Phase { kReading, kAnswering, kWriting, kClosed };
  // What the router has said of the head whose body is being read.
  enum class Judgement {
    kNone,        // nothing: it was not asked, or has not answered yet
    kNotRefused,  // its head is no reason to refuse the request, but no route has admitted it yet
    kAdmitted,    // the route that will answer the request has admitted it
  };

  void expired() override;
  void make_way() override;
  void on_readable() override;
  void on_gone() override;
  void on_writable() override { write(); }

  // kReading
  void wait_for_request(std::chrono::milliseconds time);
  void read_until(Clock::Time deadline);
  bool receive();
  bool take_what_has_come();
  void take(std::string_view bytes);
  bool take_proxy_header(std::string_view& bytes);

  // from kReading to kAnswering and on
  void ask_for_judgement();
  void ask_for_answer();
  void ask(ReceivedRequest request);
  void say_who_asks(ReceivedRequest& request) const;
  bool can_wait_for_worker() const;
  void post_to_worker(ReceivedRequest request);
  void take_outcome(Outcome outcome);
  void take_judgement(Outcome outcome);
  void await_late_answer(std::uint64_t number);
  void refuse_unanswered();
  void take_late_answer(LateAnswer late);
  void go_on(const Continuation& router);
  void begin_stream(StreamRequest asked, bool keep_alive);
  OnStreamEnd tell_of_stream(const Request& request);

  // to kWriting and on
  void refuse(Answer answer, std::optional<std::string_view> origin);
  void refuse_for_now(std::string_view sentence, std::optional<std::string_view> origin);
  void refuse_since_busy();
  void respond(std::string response, bool keep_alive);
  void write();
  void finish_response();
  std::string bytes_of(const Answer& answer, bool keep_alive) const;  // of a response that is made now
  std::string date() const;                                           // its date
  void add_retry_after(Answer& answer);

  // to kClosed
  void close();
  WatchedSocket let_go();

  ConnectionContext& context_;
  WatchedSocket socket_;
  std::string remote_address_;  // of the peer, or whom the ProxyHeader has named in its place
  std::uint16_t remote_port_;
  bool is_proxy_;                              // that is a trusted one
  std::unique_ptr<ProxyHeader> proxy_header_;  // where one is due, until it has come
  std::shared_ptr<Connection> self_;           // keeps it alive while it has the socket
  Phase phase_ = Phase::kReading;
  RequestReader reader_;
  Judgement judgement_ = Judgement::kNone;
  bool has_had_grace_ = false;            // the request that is being read
  UnfinishedRequests::Share unfinished_;  // what reader_ keeps
  std::atomic<bool> is_aborted_ = false;  // a worker that finds it set leaves the request unanswered
  std::string ahead_;                     // the beginning of the next requests, received with the end of this one
  std::uint64_t asked_ = 0;               // how many requests or heads the router was given
  std::optional<std::string> origin_;     // of the request that the router was given
  std::string response_;                  // in kWriting
  std::size_t written_ = 0;               // of response_
  bool keep_alive_ = true;                // whether there may be a request after this one
  IdleSessions::Stay idle_;
};

}  // namespace tidings
