// One client's HTTP connection on its loop, until it closes or becomes an event stream.
//
//   socket ──► RequestReader ──► worker: Router ──► response ──► socket, then the next request
//                                              └──► StreamSession, which takes the socket over
//
// It waits without a buffer and without a thread: a slow or silent client costs this object and what it has sent.
// Loop thread only.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/gateway/collecting.h"
#include "tidings/server/gateway/descriptor_budget.h"
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
#include "tidings/server/streams/stream_limits.h"
#include "tidings/server/streams/stream_session.h"

namespace tidings {

struct ConnectionOptions {
  RequestReader::Limits request;
  std::chrono::milliseconds head_timeout =
      std::chrono::seconds(10);  // from its first byte, or from the connection's start
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds keep_alive = std::chrono::seconds(75);     // idle, between two requests
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);  // without a byte taken
  // With the workers or waiting for one, in all; beyond either, 503. Many at once are no attack: after a restart every
  // page comes back.
  std::size_t max_waiting_requests = 65'536;
  std::size_t max_waiting_bytes = std::size_t{256} << 20;  // of their heads and bodies
  // Of requests that have come in part, in all; beyond it, 503 for those who keep more than their share. What comes
  // whole at a time never waits.
  std::size_t max_collecting_bytes = std::size_t{64} << 20;
  StreamOptions stream;
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
  Collecting collecting{options.max_collecting_bytes};
  const DescriptorBudget descriptors = DescriptorBudget::of_process();
};

class Connection final : public Session,
                         private Timer,
                         private IdleSessions::Member,
                         private WatchedSocket::Owner,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(EventLoop& loop, ConnectionContext& context, Socket socket, const asio::ip::tcp::endpoint& remote);

  // Once. From now on it keeps itself alive for as long as it has the socket.
  void start();

  void drain() override;
  void abort() override;

 private:
  enum class Phase { kReading, kAnswering, kWriting, kClosed };
  enum class Judgement { kNone, kNotRefused, kAdmitted };  // of the head whose body is being read

  void expired() override;
  void make_way() override;
  void on_readable() override;
  void on_gone() override;
  void on_writable() override { write(); }

  void read_until(Clock::Time deadline);
  bool receive();
  bool take_what_has_come();
  bool can_wait_for_worker() const;
  void refuse_since_busy();
  void take(std::string_view bytes);
  void wait_for_request(std::chrono::milliseconds time);
  void ask_for_admission();
  void take_body(bool is_admitted);
  void hand_to_worker();
  void post_to_worker(ReceivedRequest request);
  void take_outcome(Outcome outcome);
  void take_judgement(Outcome outcome);
  void begin_stream(StreamRequest asked, bool keep_alive);
  std::string date() const;  // of a response that is made now
  void add_retry_after(Answer& answer);
  void refuse_for_now(std::string_view sentence);
  void refuse(Answer answer);
  void respond(std::string response, bool keep_alive);
  void write();
  void finish_response();
  void close();
  WatchedSocket let_go();

  ConnectionContext& context_;
  WatchedSocket socket_;
  const asio::ip::tcp::endpoint remote_;
  std::shared_ptr<Connection> self_;  // keeps it alive while it has the socket
  Phase phase_ = Phase::kReading;
  RequestReader reader_;
  Judgement judgement_ = Judgement::kNone;
  bool has_had_grace_ = false;  // the request that is being read
  Collecting::Part collecting_;
  std::atomic<bool> is_aborted_ = false;  // a worker that finds it set leaves the request unanswered
  std::string ahead_;                     // received, but of the requests after this one
  std::string response_;
  std::size_t written_ = 0;
  bool keep_alive_ = true;
  IdleSessions::Place idle_;
};

}  // namespace tidings
