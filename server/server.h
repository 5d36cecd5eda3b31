// An event stream server: generators at paths, beside everything that a cpp-httplib server does.
//
//   tidings::Server server;
//   server.stream("/events", clock);
//   server.run();
//
// Configure it from one thread, then run() it; from then on only stop(), metrics() and the const functions may be
// called, from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/http/handler.h"
#include "tidings/server/server_options.h"
#include "tidings/server/streams/endpoint.h"

namespace httplib {
class Server;
}

namespace tidings {

class Server {
 public:
  // Throws std::invalid_argument with a sentence for options that are none (server_options.h).
  explicit Server(ServerOptions options = {});
  ~Server();  // not while run() runs

  // Serves an event stream at every path that `pattern` matches whole, once percents are decoded (%2F is a slash as
  // well). A pattern is literal text with captures: `/news`, `/rooms/:room` (one segment, perhaps an empty one),
  // `/files/*path` (all the rest, at the end). It is no regular expression: std::invalid_argument with a sentence.
  // Matching takes time linear in the path and no stack for its length. Of several that match, the first added answers,
  // before any route of http(). HEAD gets the status and the head that GET would: a generator is made, run to its first
  // suspension and destroyed. Methods that nobody takes get a 405.
  void stream(const std::string& pattern, Endpoint endpoint);
  // Answers GET and HEAD there; runs on a worker thread. What it throws is a 500, or what a Refusal says. What it
  // answers is sent as it is: cpp-httplib's hooks, compression and default headers are for the routes of http().
  void get(const std::string& pattern, Handler handler);

  // Serves every channel at /channels/NAME, to follow and to publish, and several at once at /channels?name=A&name=B.
  // Unless `access` opens them, nobody publishes over HTTP. Throws std::invalid_argument for a token or a name that is
  // none.
  void serve_channels(PublishAccess access = {});
  // The channels, for the program itself: `server.hub().channel("news")->publish(Event("hello"))`, from any thread.
  Hub& hub();

  // The cpp-httplib server behind it, for everything else that it can do: routes, mount points, hooks. Its own sockets
  // are never opened: don't call its listen(). Its pre-routing hook comes before every route, those of stream() and
  // get() too; what a hook sees of their responses is not what is sent. Its routes are regular expressions, which it
  // matches with a stack and a time that are the pattern's own: once this was called, a path of more than 256 bytes
  // that is for none of stream() and get() is a 414.
  httplib::Server& http();

  // Binds and listens, so that port() and url() are known; run() does it where this hasn't. Throws std::runtime_error
  // with a sentence when it can't.
  void listen();
  std::uint16_t port() const;
  // One that works on this machine; where it listens on every address, those at which others may reach it (urls.h).
  std::string url() const;
  std::vector<std::string> urls_for_others() const;

  // Serves until stop(), on this thread and its own. Once.
  void run();

  // Is not ready any more, serves on for shutdown_delay, and then accepts nothing, ends every stream with a word to its
  // client and lets running handlers finish; run() returns when that is done, within stop_timeout unless a handler
  // takes longer. Any thread; also before run(), which returns at once then.
  void stop();
  // Calls stop() on SIGTERM and, where it is not ignored as under nohup, on SIGHUP. SIGINT, which comes from a person
  // at a terminal, does the same without the shutdown_delay. A second signal ends the process as if this hadn't been
  // called.
  void stop_on_signals();

  bool is_ready() const;  // running, and stop() has not been called
  // What it counts, as Prometheus text.
  std::string metrics() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tidings
