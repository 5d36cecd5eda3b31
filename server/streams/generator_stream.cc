#include "tidings/server/streams/generator_stream.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <stdexcept>
#include <utility>

#include "tidings/protocol/encode.h"
#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"
#include "tidings/server/loop/failure.h"

namespace tidings {
namespace {

constexpr int kEventsPerTurn = 16;

template <class Exception>
bool is(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Exception&) {
    return true;
  } catch (...) {
    return false;
  }
}

// Calls a function of the application that makes a generator, and is a step of it too.
template <class Make>
EventStream watched(EventLoop& loop, const std::string& path, Make make) {
  struct Step {
    ~Step() { watch.end(path); }
    StepWatch& watch;
    const std::string& path;
  };
  loop.step_watch().begin();
  const Step step{loop.step_watch(), path};
  return make();
}

}  // namespace

GeneratorStream::GeneratorStream(EventLoop& loop, const StreamOptions& options, EventStream generator,
                                 Heartbeat heartbeat, std::string path, std::shared_ptr<std::atomic<bool>> is_told)
    : StreamSession(loop, options, heartbeat),
      generator_(std::move(generator)),
      frame_(std::in_place, loop.metrics().frames),
      path_(std::move(path)),
      is_told_(std::move(is_told)) {}

std::exception_ptr GeneratorStream::begin() {
  generator_.set_consumer(this);
  pull();
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
      loop_.post([self = self(), this] { proceed(); });
      return;
    }
    std::string& out = loop_.write_buffer();
    out.clear();
    encode(*event, out);
    has_had_event_ = true;
    event_has_left_ = true;  // it will have, when the session can send again
    count_events(1);
    send_soon(out);
  }
}

void GeneratorStream::end() {
  const std::exception_ptr failure = generator_.failure();
  release();  // now, although the socket may not have taken its last event yet
  if (!failure) {
    tell_if_empty();
    return finish_whole();
  }
  const bool is_cut_off = is<CutOff>(failure);
  if (!is_cut_off) {
    loop_.metrics().generator_failures.add(1);
    spdlog::error("{}: the generator failed: {}{}", path_, describe(failure),
                  is<Refusal>(failure) ? " (This Refusal came too late for its client, which has its 200 already: "
                                         "throw it before the first co_await and co_yield.)"
                                       : "");
  }
  finish(is_cut_off ? EndReason::kFallenBehind : EndReason::kFailed);
}

// Whoever has forgotten that browsers come back to a stream that has ended sees nothing else of it.
void GeneratorStream::tell_if_empty() {
  if (has_had_event_ || !is_told_ || is_told_->exchange(true)) return;
  spdlog::warn(
      "{}: a generator has ended without an event. Browsers come back to what has ended and run it again, for ever: "
      "where there is nothing to send, throw Refusal(204, \"…\") before the first co_await.",
      path_);
}

void GeneratorStream::release() {
  generator_ = EventStream();
  frame_.reset();
}

OpenStream open_generator(Endpoint endpoint) {
  return [endpoint = std::move(endpoint), is_told = std::make_shared<std::atomic<bool>>(false)](
             EventLoop& loop, const StreamOptions& options, Heartbeat heartbeat, Request request) -> NewStream {
    std::string path = printable(request.path);
    EventStream generator = watched(loop, path, [&] { return endpoint(std::move(request), loop); });
    if (!generator)
      throw std::logic_error("the endpoint returned an empty EventStream: return what a generator function gives");
    Answer::Fields fields = generator.take_fields();
    auto stream =
        std::make_shared<GeneratorStream>(loop, options, std::move(generator), heartbeat, std::move(path), is_told);
    if (const std::exception_ptr failure = stream->begin()) std::rethrow_exception(failure);
    return {std::move(stream), std::move(fields)};
  };
}

}  // namespace tidings
