// One client's event stream as a socket on its loop: head and first comment, bytes as the client takes them, heartbeats
// in silence, the client's leaving, the server's draining. What is sent comes from a derived class; nothing is queued
// here but what a full socket has left over of one send. Loop thread only.
//
// The body is chunked, so that a client can tell a stream that was cut off from one that has ended: its last chunk
// comes only where a generator has returned. Clients of HTTP/1.0 get the bare events and the end of the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/http/request.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/outbox.h"
#include "tidings/server/loop/socket.h"
#include "tidings/server/loop/socket_set.h"
#include "tidings/server/streams/stream_limits.h"

namespace tidings {

struct StreamOptions {
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);         // of silence, before something is sent
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);     // without a byte taken, before it is ended
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);  // sent with jitter, half to one and a half
  std::chrono::milliseconds drain_time{0};  // over which the streams end when the server drains, each at a moment of it
};

enum class Heartbeat { kComment, kEvent };

enum class Framing : unsigned char {
  kChunked,  // HTTP/1.1's chunked coding
  kNone,     // the body ends with the connection, for HTTP/1.0
};

// What a stream's response depends on beside its events.
struct StreamStart {
  Request::Fields fields = {};  // of its head, beside its own
  Framing framing = Framing::kChunked;
  bool is_resumed = false;  // the client has said where it goes on
};

class StreamSession : public Session,
                      private Timer,
                      private SocketSet::Member,
                      private Outbox::Sender,
                      public std::enable_shared_from_this<StreamSession> {
 public:
  // Once: sends the head and the first bytes of the body, then proceed()s. Lives from now on until the stream has
  // ended.
  void open(Socket socket, StreamLimits::Place place, const StreamStart& start);

  void drain() override;
  void abort() override;

 protected:
  // The options outlive the session.
  StreamSession(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat);
  ~StreamSession() = default;

  // Some bytes of one send. They are kept alive by the pin; without one they are copied where the socket does not take
  // them, so they are few.
  struct Piece {
    std::string_view bytes;
    std::shared_ptr<const void> pin;
  };
  static constexpr std::size_t kMostPieces = 16;  // of one send

  // Sends text of this stream alone, a whole number of lines, at least one; only when can_send(). May end the stream.
  // Frames it where it lies, and copies it where the socket does not take it.
  void send(std::string& text);
  // The same, copied, with what other streams send in this turn; then it proceed()s. Where they leave no room for it,
  // it is sent at once, and can_send() tells.
  void send_soon(std::string& text);
  // Sends at most kMostPieces, in this order, that are framed already; only when can_send(). May end the stream.
  void send_framed(std::span<const Piece> pieces);
  // Whether the stream is open, everything given to send() has left, and its last words have not been said.
  bool can_send() const { return is_free() && goodbye_ != Goodbye::kSaid; }
  // When something was last given to send().
  Clock::Time last_sent() const { return last_sent_; }
  // The same for bytes that a BatchSender was given for this stream at `time`; only when can_send() then.
  void take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time time);
  int descriptor() const { return socket_.descriptor(); }
  bool is_chunked() const { return framing_ == Framing::kChunked; }
  // Everything is sent: the connection ends, to its client as one that was cut off.
  void finish();
  // The stream has come to its own end, and the client is told that this is one; only when can_send().
  void finish_whole();

 private:
  // Appends what the stream begins with, if anything, before the first proceed().
  virtual void append_beginning(std::string&) {}
  // Sends what there is to send for as long as can_send(). Called when the stream has opened and whenever it can send
  // again.
  virtual void proceed() = 0;
  // The stream has ended, by whichever side: frees what it sends from. Called once, also when it never opened.
  virtual void release() = 0;

  // Of a stream that ends by a drain: its last words come soon, are due, or are said and all that is left is the end of
  // the connection. The last chunk of one that has come to its own end counts as last words too.
  enum class Goodbye : unsigned char { kNone, kSoon, kDue, kSaid };

  bool is_free() const { return socket_ && !is_blocked_ && !is_in_outbox_; }
  void expired() override;
  void on_readable() override;
  void on_writable() override;
  void on_sent(const BatchSender::Send& sent) override;
  void say_goodbye();
  void send_heartbeat();
  Socket let_go();
  void frame(std::string& text) const;
  void send_alone(std::string_view bytes);
  bool send_left_over();
  static int send_pieces(int socket, std::span<const Piece> pieces);
  bool count_sent(int sent);
  void keep_left_over(std::span<const Piece> pieces, std::size_t sent);
  std::chrono::milliseconds patience() const;
  void set_deadline();
  void set_blocked(bool is_blocked);

  const StreamOptions& options_;
  const Heartbeat heartbeat_;
  Framing framing_ = Framing::kChunked;
  Goodbye goodbye_ = Goodbye::kNone;
  bool is_blocked_ = false;  // by left_over_
  bool is_in_outbox_ = false;
  // How often it may still look whether what a resumed client was sent needs something behind it; 0 once that is sent.
  unsigned char pushes_ = 0;
  Socket socket_;                        // from open() to the end
  std::shared_ptr<StreamSession> self_;  // as long
  std::optional<StreamLimits::Place> place_;
  std::vector<Piece> left_over_;  // what the socket has not taken yet, where it is blocked
  Clock::Time last_sent_;
};

// The head of every event stream's response, its blank line included.
std::string event_stream_head(const StreamStart& start);

}  // namespace tidings
