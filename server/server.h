// An event stream server: generators at paths, beside everything that a cpp-httplib server does.
//
//   tidings::Server server;
//   server.stream("/events", clock);
//   server.run();
//
// Configure it from one thread, then run() it; from then on only stop(), metrics() and the const functions may be
// called, from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/answer.h"
#include "server/channel_routes.h"
#include "server/clock.h"
#include "server/event_stream.h"
#include "server/hub.h"
#include "server/request.h"
#include "server/stream_limits.h"
#include "server/timers.h"

namespace httplib {
class Server;
}

namespace tidings {

struct ServerOptions {
  std::string host = "localhost";        // a name or a numeric address
  std::uint16_t port = 9009;             // 0: a free one
  std::optional<unsigned> threads = {};  // event loops; as many as the machine has processors unless set
  unsigned workers = 4;                  // threads that run handlers
  bool io_uring = true;                  // for what many streams get at a time, where the kernel allows it

  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  bool allow_multipart = false;               // cpp-httplib takes half a minute of a worker for some of a megabyte
  std::size_t max_waiting_requests = 65'536;  // for a worker; beyond them, 503
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds keep_alive = std::chrono::seconds(75);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);
  std::chrono::milliseconds drain_time = std::chrono::milliseconds(500);  // over which streams end, not all at once
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);       // then what is still open is cut off

  Hub::Options channels = {};
  StreamLimits::Options limits = {};
  // Other origins whose pages may use the server, such as https://example.org; * for any. They are not told to the
  // routes of http(), which answer for themselves. Server's constructor throws std::invalid_argument for what is none.
  std::vector<std::string> cors_origins = {};

  std::shared_ptr<Clock> clock = {};       // the system's unless set
  std::optional<std::uint64_t> seed = {};  // of the jitter; from the system unless set
};

class Server {
 public:
  // Makes the generator of one client. Called and run on the client's loop, whose timers it gets.
  using Endpoint = std::function<EventStream(Request, Timers&)>;
  using Handler = std::function<Answer(const Request&)>;

  explicit Server(ServerOptions options = {});
  ~Server();  // not while run() runs

  // Serves an event stream at every path that `pattern` matches whole, once percents are decoded. A pattern is literal
  // text with captures: `/news`, `/rooms/:room` (one segment, perhaps an empty one), `/files/*path` (all the rest, at
  // the end). It is no regular expression: std::invalid_argument with a sentence. Matching takes time linear in the
  // path and no stack for its length. Of several that match, the first added answers, before any route of http(). HEAD
  // gets the status and the head that GET would: a generator is made, run to its first suspension and destroyed.
  // Methods that nobody takes get a 405.
  void stream(const std::string& pattern, Endpoint endpoint);
  // Answers GET and HEAD there; runs on a worker thread. What it throws is a 500, or what a Refusal says. What it
  // answers is sent as it is: cpp-httplib's hooks, compression and default headers are for the routes of http().
  void get(const std::string& pattern, Handler handler);

  // Serves every channel at /channels/NAME, to follow and to publish, and several at once at /channels?name=A&name=B.
  void serve_channels(PublishAccess access = {});
  // The channels, for the program itself: `server.hub().channel("news")->publish(Event("hello"))`, from any thread.
  Hub& hub();

  // The cpp-httplib server behind it, for everything else that it can do: routes, mount points, hooks. Its own sockets
  // are never opened: don't call its listen(). Its pre-routing hook comes before every route, those of stream() and
  // get() too; what a hook sees of their responses is not what is sent. Its routes are regular expressions, which it
  // matches with a stack and a time that are the pattern's own: paths of more than 256 bytes that are for none of
  // stream() and get() are a 414 instead.
  httplib::Server& http();

  // Binds and listens, so that port() and url() are known; run() does it where this hasn't. Throws std::runtime_error
  // with a sentence when it can't.
  void listen();
  std::uint16_t port() const;
  std::string url() const;

  // Serves until stop(), on this thread and its own. Once.
  void run();

  // Ends every stream with a word to its client and lets running handlers finish; run() returns when that is done,
  // within stop_timeout unless a handler takes longer. Any thread; also before run().
  void stop();
  // Calls stop() on SIGINT and SIGTERM; a second signal ends the process as if this hadn't been called.
  void stop_on_signals();

  bool is_ready() const;  // running and not stopping
  // What it counts, as Prometheus text.
  std::string metrics() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tidings
