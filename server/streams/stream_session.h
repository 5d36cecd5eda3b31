// One client's event stream as a socket on its loop: head and first comment, bytes as the client takes them, heartbeats
// in silence, the client's leaving, the server's draining. What is sent comes from a derived class; nothing is queued
// here but what a full socket has left over of one send. Which of its calls may call their caller again before they
// return, and what may be destroyed when: docs/THE_TURN.md. Loop thread only.
//
// The body is chunked, so that a client can tell a stream that was cut off from one that has ended: its last chunk
// comes only where a generator has returned. Clients of HTTP/1.0 get the bare events and the end of the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/http/admission.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"
#include "tidings/server/loop/batch_sender.h"
#include "tidings/server/loop/end_reason.h"
#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/outbox.h"
#include "tidings/server/loop/socket_set.h"
#include "tidings/server/streams/stream_end.h"
#include "tidings/server/streams/stream_limits.h"

namespace tidings {

struct StreamOptions {
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);         // of silence, before something is sent
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);     // without a byte taken, before it is ended
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);  // sent with jitter, half to one and a half
  // Over which the streams end when the server drains, each at a moment of it; and before the end of a grant.
  std::chrono::milliseconds drain_time{0};
};

enum class Heartbeat : unsigned char { kComment, kEvent };

enum class Framing : unsigned char {
  kChunked,  // HTTP/1.1's chunked coding
  kNone,     // the body ends with the connection, for HTTP/1.0
};

// What a stream's response depends on beside its events.
struct StreamStart {
  Request::Fields fields = {};  // of its head, beside its own
  Framing framing = Framing::kChunked;
  bool is_resumed = false;  // the client has said where it goes on
  Until until = {};         // the stream has ended by then, with a word, and the client comes back
  OnStreamEnd on_end = {};
};

class StreamSession : public Session, private Timer, private WatchedSocket::Owner, private Outbox::Sender {
 public:
  // Once: sends the head and the first bytes of the body, then calls proceed(). From now on the session keeps itself
  // alive; when the stream has ended, until the loop has run what was posted.
  static void open(const std::shared_ptr<StreamSession>& session, WatchedSocket socket, StreamLimits::Slot slot,
                   const StreamStart& start);

  void drain() override;
  void abort() override;

 protected:
  // The options outlive the session.
  StreamSession(EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat);
  ~StreamSession();

  // Some bytes of one send. The pin keeps them alive; bytes without one are copied when the socket does not take them
  // at once, so they should be few.
  struct Piece {
    std::string_view bytes;
    std::shared_ptr<const void> pin;
  };
  static constexpr std::size_t kMostPieces = 16;  // of one send

  // The calls that send are for a stream that can_send(). Each of them may find that the client is gone: then the
  // stream has ended, and release() was called, when it returns.

  // Sends a text of whole lines, at least one, now. Frames it where it lies; what the socket does not take is copied.
  void send(std::string& text);
  // Copies the text into the loop's outbox, which leaves when the loop runs what was posted, with what other streams
  // send; then proceed() is called. An outbox that is full takes nothing: then this is send(), proceed() is not called,
  // and can_send() tells whether to go on.
  void send_soon(std::string& text);
  // The same for a text that is framed already; frame() does that.
  void send_framed_soon(std::string_view text);
  void frame(std::string& text) const;
  // Sends at most kMostPieces now, in this order; they are framed already.
  void send_framed(std::span<const Piece> pieces);
  // For bytes that somebody else has sent to this stream's socket, with those of other streams: takes over what became
  // of them. `time` is when that began; the stream could send then.
  void take_sent(const BatchSender::Send& sent, const std::shared_ptr<const void>& pin, Clock::Time time);

  // Whether the stream is open, the socket has taken everything so far, and the last words have not been said.
  bool can_send() const { return sending_ == Sending::kFree && goodbye_ != Goodbye::kSaid; }
  // To keep an open stream alive until what is posted for it has run.
  const std::shared_ptr<StreamSession>& self() const { return self_; }
  // When something was last given to the socket or to the outbox.
  Clock::Time last_sent() const { return last_sent_; }
  int descriptor() const { return socket_.descriptor(); }
  bool is_chunked() const { return framing_ == Framing::kChunked; }

  // Counts events that were sent.
  void count_events(std::int64_t events) {
    loop_.metrics().events.add(events);
    note_events(events);
  }
  // The same where somebody else counts them for the loop.
  void note_events(std::int64_t events) {
    if (watch_) watch_->events += static_cast<std::uint64_t>(events);
  }

  // Ends the stream so that its client sees a connection that was cut off, and comes back.
  void finish(EndReason reason);
  // Ends the stream so that its client sees that the response is complete; only when can_send().
  void finish_whole();

 private:
  // Appends what the stream begins with, if anything, before the first proceed().
  virtual void append_beginning(std::string&) {}
  // Sends what there is to send for as long as can_send(). Called when the stream has opened and whenever it can send
  // again; never from within a call that sends.
  virtual void proceed() = 0;
  // The stream has ended, by whichever side: frees what it sends from, a generator's frame for example. May be called
  // again, and from within a call that sends.
  virtual void release() = 0;

  // Where the bytes are that were last given to this stream.
  enum class Sending : unsigned char {
    kClosed,    // nowhere: there is no socket, the stream has not opened yet or has ended
    kFree,      // the socket has taken them all
    kInOutbox,  // in the loop's outbox, until that leaves
    kBlocked,   // the socket is full: in left_over_, until it has room or the write timeout is over
  };
  // How far the end of a stream has come that ends by a drain, or with its grant. Each state may meet each of Sending,
  // but for kDue, which waits for what is in the outbox or left over and becomes kSaid as soon as the stream is free.
  enum class Goodbye : unsigned char {
    kNone,  // nothing ends it
    kSoon,  // its last words are due when the timer fires, at a random moment of the time that a drain takes
    kDue,   // its last words follow what is on its way to the socket
    kSaid,  // its last words, or the last chunk of a generator that has returned, are the last that was sent
  };

  class GrantsEnd;
  // What somebody who wants to know of the stream's end is to be told.
  struct Watch {
    OnStreamEnd on_end;
    Clock::Time begin;
    std::uint64_t events = 0, bytes = 0;
  };

  void expired() override;
  void on_readable() override;
  void on_writable() override;
  void on_sent(const BatchSender::Send& sent) override;
  void say_goodbye();
  Clock::WallTime end_before(Clock::WallTime until);
  void end_with_grant();
  void send_heartbeat();
  void will_end(EndReason reason);
  void end_softly();
  WatchedSocket let_go();
  void tell_end();
  void send_alone(std::string_view bytes);
  bool send_left_over();
  static int send_pieces(int socket, std::span<const Piece> pieces);
  bool count_sent(int sent);
  void keep_left_over(std::span<const Piece> pieces, std::size_t sent);
  std::chrono::milliseconds patience() const;
  void set_deadline();
  void become(Sending next);

  void begin(const StreamStart& start);

  const StreamOptions& options_;
  WatchedSocket socket_;                           // from open() to the end
  std::shared_ptr<StreamSession> self_;            // keeps it alive, from open() to the end
  StreamLimits::Slot slot_;                        // from open() to the end
  std::unique_ptr<GrantsEnd> grants_end_;          // where what lets the client in has an end
  std::unique_ptr<Watch> watch_;                   // where somebody wants to know of its end
  std::unique_ptr<std::vector<Piece>> left_over_;  // what the socket has not taken yet, while the stream is blocked
  Clock::Time last_sent_;
  // At the end, where a derived class's small members follow without a hole.
  const Heartbeat heartbeat_;
  Framing framing_ = Framing::kChunked;
  Sending sending_ = Sending::kClosed;
  Goodbye goodbye_ = Goodbye::kNone;
  EndReason end_reason_ = EndReason::kClientLeft;  // unless something else comes first
  // A proxy may hold back the end of what a resumed client was sent until more comes. So many times the stream looks
  // soon whether something has followed, and sends a comment if nothing has; 0 when there is no more to look for.
  unsigned char pushes_ = 0;
};

// The stream that a client has asked for, before it has a socket.
struct NewStream {
  std::shared_ptr<StreamSession> session;
  Answer::Fields fields = {};  // for its head
};
// Makes it, on the client's loop. May throw a Refusal.
using OpenStream = std::function<NewStream(EventLoop&, const StreamOptions&, Heartbeat, Request request)>;

// The head of every event stream's response, its blank line included. What it has of its own is in stream_field.cc too.
std::string event_stream_head(const StreamStart& start);

}  // namespace tidings
