// One client's event stream from a generator of its own: pulls the generator, sends its events, and ends when the
// generator or the client does.
//
//   generator ──pull──► event ──encode──► socket          one event at a time; the socket is the back-pressure
//
// Ends in one of four ways: the generator returns or throws, the client leaves, the server drains, the client does not
// read. Whichever it is, the generator's frame is destroyed at once, on the loop. Loop thread only.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/loop_metrics.h"
#include "tidings/server/streams/endpoint.h"
#include "tidings/server/streams/event_stream.h"
#include "tidings/server/streams/stream_session.h"

namespace tidings {

class GeneratorStream final : public StreamSession, private EventStream::Consumer {
 public:
  // `path` is for the log. `is_told` is shared by all generators of an endpoint, and true once the log says that one of
  // them has ended without an event; without it nothing is said of that. The options outlive the stream.
  GeneratorStream(EventLoop& loop, const StreamOptions& options, EventStream generator, Heartbeat heartbeat,
                  std::string path, std::shared_ptr<std::atomic<bool>> is_told = nullptr);

  // Before open(): runs the generator to its first suspension. Returns the exception with which it refused or failed
  // before that, or null.
  std::exception_ptr begin();

 private:
  void on_ready() override;
  void on_awaiting() override { loop_.step_watch().end(path_); }
  void on_resumed() override { loop_.step_watch().begin(); }
  void pull();
  void proceed() override;
  void release() override;
  void end();
  void tell_if_empty();

  EventStream generator_;         // empty once the stream has ended
  std::optional<Counted> frame_;  // as long as the generator
  bool event_has_left_ = false;   // its event was handed to send_soon(): it has left when the session can send again
  bool has_had_event_ = false;
  const std::string path_;
  const std::shared_ptr<std::atomic<bool>> is_told_;
};

// Opens streams from the generators that `endpoint` makes.
OpenStream open_generator(Endpoint endpoint);

}  // namespace tidings
