// An event stream server: generators at paths, beside everything that a cpp-httplib server does.
//
//   tidings::Server server;
//   server.stream("/hello", hello);  // tidings::EventStream hello(tidings::Request, tidings::Loop&): event_stream.h
//   server.run();
//
// Configure it from one thread, then run() it, or start() it where that thread has a loop of its own. stop(), hub() and
// the const functions may be called from any thread, all the time that it is there, so that threads of the program
// publish while it runs; the functions that add to it throw std::logic_error once one of the two was called. A program
// may have several servers. What it answers: README.md, section "What the server answers". Source: RFC
// 9112; WHATWG HTML, "Server-sent events".
#pragma once

#include "tidings/protocol/cxx20.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tidings/server/access/authorizer.h"
#include "tidings/server/access/publish_access.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/figures.h"
#include "tidings/server/http/handler.h"
#include "tidings/server/server_options.h"
#include "tidings/server/streams/endpoint.h"

namespace httplib {
class Server;
}

namespace tidings {

class Server {
 public:
  // Throws std::invalid_argument with a sentence for options that no server can be made of (server_options.h).
  explicit Server(ServerOptions options = {});
  // Not while run() runs. One that was started is stopped, without a shutdown_delay, and waited for; on an io_context
  // of the program's it is cut off where it has not come to its end.
  ~Server();

  // Serves an event stream at every path that `pattern` matches whole, once percents are decoded (%2F is a slash as
  // well). A pattern is literal text with captures: `/news`, `/rooms/:room` (one segment, perhaps an empty one),
  // `/files/*path` (all the rest, at the end). It is no regular expression: std::invalid_argument with a sentence.
  // Matching takes time linear in the path and no stack for its length. Of several that match, the first added answers,
  // before any route of http(); two of the same pattern are std::invalid_argument. HEAD gets the status and the head
  // that GET would: a generator is made, run to its first suspension and destroyed. Methods that nobody takes get a
  // 405.
  // Each stream is let in by the authorizer, if there is one: then the channels of its grant mean nothing, and its end
  // ends the stream.
  void stream(const std::string& pattern, Endpoint endpoint, AnyAuthorizer authorizer = {});
  // Answers GET and HEAD there, or POST, PUT or DELETE. The handler runs on a worker thread, and may block that. A
  // Refusal that it throws is answered with what it says, any other exception with a 500. Its answer is sent as it is:
  // cpp-httplib's hooks, compression and default headers are for the routes of http(). One that takes a Reply as well
  // may return before it has an answer, so that no thread waits for it:
  //
  //   server.post("/orders", [&](const Request& request, Reply reply) { /* keep reply, and call it when it is known */
  //   });
  void get(const std::string& pattern, AnyHandler handler);
  void post(const std::string& pattern, AnyHandler handler);
  void put(const std::string& pattern, AnyHandler handler);
  void del(const std::string& pattern, AnyHandler handler);

  // Serves every channel at /channels/NAME, to follow and to publish, and several at once at /channels?name=A&name=B.
  // Nobody publishes over HTTP unless `access` has a token or open channels, or an authorizer grants it; everybody
  // reads unless there is an authorizer for that. Throws std::invalid_argument with a sentence for a token, a name or a
  // rate in `access` that is none.
  void serve_channels(PublishAccess access = {}, ChannelAuthorizers authorizers = {});
  // The channels, for the program itself: `server.hub().channel("news")->publish(Event("hello"))`, from any thread.
  Hub& hub();

  // The cpp-httplib server behind it, for everything else that it can do: routes, mount points, hooks. Its own sockets
  // are never opened: don't call its listen(). Its pre-routing hook comes before every route, those of stream() and
  // get() too; what a hook sees of their responses is not what is sent. Its routes are regular expressions, which it
  // matches with a stack and a time that are the pattern's own: once this was called, a path of more than 256 bytes
  // that is for none of stream() and get() is a 414.
  httplib::Server& http();

  // Binds and listens and makes the threads, so that port() and the URLs are known; run() does it where this hasn't.
  // Throws std::runtime_error with a sentence when it can't.
  void listen();
  // After listen(), before which these four throw std::logic_error: the port that it listens on, also where the
  // options asked for any free one. Throws std::logic_error where it listens on Unix sockets alone.
  std::uint16_t port() const;
  // A URL that works on this machine, or, where it listens on Unix sockets alone, unix: and the path of the first; and
  // those at which other machines may reach the server, which there are where it listens on every address.
  std::string url() const;
  std::vector<std::string> urls_for_others() const;
  // Of the Unix sockets on which it listens.
  std::vector<std::string> unix_paths() const;

  // Serves until stop(), on this thread and on those that listen() made. Once, be it this or start(): a second call
  // throws std::logic_error. Throws what listen() throws.
  void run();
  // The same on threads of its own alone, so that it returns at once, and clients that come from then on are served. Or
  // on an io_context of the program's, by on_context(): then whoever runs that serves, and run() and wait() throw
  // std::logic_error.
  void start();
  // Waits until a server that was started has ended, which is after a stop(). One thread.
  void wait();

  // From now on the server is not ready, but serves on for shutdown_delay. Then it accepts nothing more, ends every
  // stream with a word to its client, and lets running handlers finish; run() and wait() return when that is done,
  // within stop_timeout unless a handler, or what a generator has handed to a worker, takes longer. Any thread; also
  // before run() or start(), which end at once then.
  void stop();
  // Calls stop() on SIGTERM and, where it is not ignored as under nohup, on SIGHUP. SIGINT, which comes from a person
  // at a terminal, does the same without the shutdown_delay. A second signal ends the process as if this hadn't been
  // called.
  void stop_on_signals();

  // Calls `work` on a loop whenever the process gets this signal, for example to say more in a log. Not more than once
  // for the same signal, nor for one of stop_on_signals().
  void on_signal(int signal, std::function<void()> work);

  bool is_ready() const;  // run() or start() was called, and stop() was not
  // Why what is published can't be kept at the moment, a full disk for example, as a sentence; nothing while all is
  // well. Streams go on meanwhile.
  std::optional<std::string> trouble() const;
  // What it counts, as numbers (figures.h), and as text in Prometheus's format. Of one channel, Channel::figures()
  // tells.
  Figures figures() const;
  std::string metrics() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tidings
