// One client's event stream on its loop: pulls a generator, writes its events to the socket, ends when either does.
//
//   generator ──pull──► event ──encode──► socket          one event at a time; the socket is the back-pressure
//
// Ends in one of four ways: the generator returns or throws, the client leaves, the server drains, the client does not
// read. Whichever it is, the generator's frame is destroyed at once, on the loop. Loop thread only.
#pragma once

#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/event_stream.h"
#include "server/gauges.h"
#include "server/loop.h"

namespace tidings {

struct StreamOptions {
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);  // of silence, before something is sent
  std::chrono::milliseconds write_timeout =
      std::chrono::seconds(30);  // without a byte taken, before the stream is ended
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);  // sent with jitter, half to one and a half
};

class GeneratorStream final : public Session,
                              private Timer,
                              private EventStream::Consumer,
                              public std::enable_shared_from_this<GeneratorStream> {
 public:
  enum class Heartbeat { kComment, kEvent };

  // `path` is for the log. The options outlive the stream.
  GeneratorStream(Loop& loop, const StreamOptions& options, EventStream generator, Heartbeat heartbeat,
                  std::string path);

  // Runs the generator to its first suspension; null, or why it refused or failed before it.
  std::exception_ptr begin();

  // After begin(), once: sends the head, the first comment and what the generator has yielded, and goes on from there.
  void open(asio::ip::tcp::socket socket);

  void drain() override;
  void abort() override;

 private:
  void on_ready() override { pump(); }
  void expired() override;

  void pump();
  void finish();
  void send(std::string_view bytes);
  void wait_until_readable();
  void wait_until_writable();
  void drop_received();
  void send_pending();
  void set_deadline();
  bool is_blocked() const { return blocked_.has_value(); }

  const StreamOptions& options_;
  std::optional<asio::ip::tcp::socket> socket_;  // from open() to the end
  EventStream generator_;                        // empty at the end
  std::optional<Counted> frame_;
  std::optional<Counted> stream_, connection_, blocked_;
  std::string pending_;  // bytes that the socket has not taken yet
  Clock::Time last_sent_;
  Heartbeat heartbeat_;
  bool event_has_left_ = false;  // the generator's event, once nothing is pending
  bool is_draining_ = false;
  std::string path_;
};

// The head of every event stream's response, its blank line included. The body ends with the connection (RFC 9112,
// section "Message Body Length").
std::string_view event_stream_head();

}  // namespace tidings
