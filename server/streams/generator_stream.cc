#include "tidings/server/streams/generator_stream.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/http/text.h"
#include "tidings/server/loop/failure.h"

namespace tidings {
namespace {

constexpr int kEventsPerTurn = 16;

bool is_cut_off(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const CutOff&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

GeneratorStream::GeneratorStream(EventLoop& loop, const StreamOptions& options, EventStream generator,
                                 Heartbeat heartbeat, std::string path)
    : StreamSession(loop, options, heartbeat),
      generator_(std::move(generator)),
      frame_(std::in_place, loop.metrics().frames),
      path_(std::move(path)) {}

std::exception_ptr GeneratorStream::begin() {
  pull();
  generator_.set_consumer(this);
  return generator_.is_done() ? generator_.failure() : nullptr;
}

void GeneratorStream::pull() {
  loop_.step_watch().begin();
  generator_.pull();
  loop_.step_watch().end(path_);
}

void GeneratorStream::on_ready() {
  loop_.step_watch().end(path_);
  proceed();
}

// Sends what the generator yields, until it waits for something, or ends, or the socket is full, or the event leaves
// with other streams' by the loop's outbox. So a stream whose generator never waits leaves the others their turn.
void GeneratorStream::proceed() {
  for (int sent = 0; can_send(); ++sent) {
    if (std::exchange(event_has_left_, false)) pull();
    const Event* const event = generator_.event();
    if (!event) {
      if (generator_.is_done()) end();
      return;
    }
    if (sent == kEventsPerTurn) {
      loop_.post([self = shared_from_this(), this] { proceed(); });
      return;
    }
    std::string& out = loop_.write_buffer();
    out.clear();
    encode(*event, out);
    event_has_left_ = true;  // it will have, when the session can send again
    loop_.metrics().events.add(1);
    send_soon(out);
  }
}

void GeneratorStream::end() {
  const std::exception_ptr failure = generator_.failure();
  release();  // now, although the socket may not have taken its last event yet
  if (!failure) return finish_whole();
  if (!is_cut_off(failure)) {
    loop_.metrics().generator_failures.add(1);
    spdlog::error("{}: the generator failed: {}", path_, describe(failure));
  }
  finish();  // the client sees a stream that was cut off, and comes back
}

void GeneratorStream::release() {
  generator_ = EventStream();
  frame_.reset();
}

OpenStream open_generator(Endpoint endpoint) {
  return [endpoint = std::move(endpoint)](EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat,
                                          Request request) -> std::shared_ptr<StreamSession> {
    std::string path = printable(request.path);
    EventStream generator = endpoint(std::move(request), loop);
    if (!generator) throw std::logic_error("the endpoint returned an empty EventStream");
    auto stream = std::make_shared<GeneratorStream>(loop, options, std::move(generator), heartbeat, std::move(path));
    if (const std::exception_ptr failure = stream->begin()) std::rethrow_exception(failure);
    return stream;
  };
}

}  // namespace tidings
