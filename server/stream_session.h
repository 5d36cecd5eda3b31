// One client's event stream as a socket on its loop: head and first comment, bytes as the client takes them, heartbeats
// in silence, the client's leaving, the server's draining. What is sent comes from a derived class; nothing is queued
// here but what a full socket has left over of one send. Loop thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/batch_sender.h"
#include "server/loop.h"
#include "server/outbox.h"
#include "server/request.h"
#include "server/socket.h"
#include "server/socket_set.h"
#include "server/stream_limits.h"

namespace tidings {

struct StreamOptions {
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);         // of silence, before something is sent
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);     // without a byte taken, before it is ended
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);  // sent with jitter, half to one and a half
  std::chrono::milliseconds drain_time{0};  // over which the streams end when the server drains, each at a moment of it
};

enum class Heartbeat { kComment, kEvent };

class StreamSession : public Session,
                      private Timer,
                      private SocketSet::Member,
                      private Outbox::Sender,
                      public std::enable_shared_from_this<StreamSession> {
 public:
  // Once: sends the head, with these fields too, and the first comment, then proceed()s. Lives from now on until the
  // stream has ended.
  void open(Socket socket, StreamLimits::Place place, const Request::Fields& fields);

  void drain() override;
  void abort() override;

 protected:
  // The options outlive the session.
  StreamSession(Loop& loop, const StreamOptions& options, Heartbeat heartbeat);
  ~StreamSession() = default;

  // Sends bytes that `pin` keeps alive, or that are copied where the socket does not take them all; only when
  // can_send(). May end the stream.
  void send(std::string_view bytes, const std::shared_ptr<const void>& pin = nullptr);
  // The same, copied, with what other streams send in this turn; then it proceed()s. Where they leave no room for it,
  // it is sent at once, and can_send() tells.
  void send_soon(std::string_view bytes);
  // Whether the stream is open and everything given to send() has left.
  bool can_send() const { return socket_ && !is_blocked_ && !is_in_outbox_; }
  // When something was last given to send().
  Clock::Time last_sent() const { return last_sent_; }
  // The same as send() for bytes that a BatchSender was given for this stream at `time`; only when can_send() then.
  void take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time time);
  int descriptor() const { return socket_.descriptor(); }
  // Everything is sent: the client gets its FIN.
  void finish();

 private:
  // Sends what there is to send for as long as can_send(). Called when the stream has opened and whenever it can send
  // again.
  virtual void proceed() = 0;
  // The stream has ended, by whichever side: frees what it sends from. Called once, also when it never opened.
  virtual void release() = 0;

  enum class Goodbye : unsigned char { kNone, kSoon, kDue, kSaid };  // of a draining server

  void expired() override;
  void on_readable() override;
  void on_writable() override;
  void on_sent(const BatchSender::Send& sent) override;
  void say_goodbye();
  Socket let_go();
  bool step_over(int sent);
  void keep_left_over(const std::shared_ptr<const void>& pin);
  void set_deadline();
  void set_blocked(bool is_blocked);

  const StreamOptions& options_;
  const Heartbeat heartbeat_;
  Goodbye goodbye_ = Goodbye::kNone;
  bool is_blocked_ = false;  // by left_over_
  bool is_in_outbox_ = false;
  Socket socket_;                        // from open() to the end
  std::shared_ptr<StreamSession> self_;  // as long
  std::optional<StreamLimits::Place> place_;
  std::string_view left_over_;  // bytes that the socket has not taken yet, where it is blocked
  std::shared_ptr<const void> pin_;
  Clock::Time last_sent_;
};

// The head of every event stream's response, with these fields too, its blank line included. The body ends with the
// connection (RFC 9112, section "Message Body Length").
std::string event_stream_head(const Request::Fields& fields);

}  // namespace tidings
