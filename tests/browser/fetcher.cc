// A page's logic for fetch_stream_test.mjs: follows /stream by fetch as the words in the page's query say, and tells
// the test all that it sees.
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/fetch/fetch_stream.h"

extern "C" {
// tell.js
bool follower_is_asked(const char* word, std::size_t length);
void follower_tell(const char* text, std::size_t length);
}

namespace {

using namespace std::chrono_literals;
using tidings::EventSource;
using tidings::FetchStream;

bool is_asked(std::string_view word) { return follower_is_asked(word.data(), word.size()); }

void tell(const std::string& text) { follower_tell(text.data(), text.size()); }

FetchStream make() {
  tidings::FetchRequest request;
  request.fields.set("Authorization", "Bearer x.y.z");
  if (is_asked("posts")) {
    request.method = "POST";
    request.body = "a question \xF0\x9F\x93\xB0";
  }
  tidings::Reopening reopening;
  reopening.after_refusal = is_asked("reopens");
  reopening.first_wait = reopening.longest_wait = 50ms;
  if (is_asked("watches")) reopening.silent_after = 1s;
  if (is_asked("hurries")) reopening.answer_within = 1s;
  return FetchStream("/stream", request, reopening);
}

FetchStream* stream;

void resume(void*) {
  tell("resumed");
  stream->resume();
}

void tell_state() {
  static constexpr const char* kStates[] = {"connecting", "open", "reconnecting", "waiting", "closed"};
  static constexpr const char* kReasons[] = {"",       " here", " refused", " silent", " gave up", " unavailable",
                                             " ended", " lost", " too long"};
  const FetchStream::Refusal refusal = stream->refusal();
  std::string text = std::string(kStates[int(stream->state())]) + kReasons[int(stream->reason())];
  if (stream->reason() == EventSource::Reason::kRefused) {
    text += ' ' + std::to_string(refusal.status) + ' ' + std::to_string(refusal.retry_after.count()) + ' ' +
            std::string(refusal.problem);
  }
  tell(text);
}

}  // namespace

int main() {
  stream = new FetchStream(make());
  tell_state();
  stream->on_state([](EventSource::State) { tell_state(); });
  stream->on_message([](const tidings::MessageView& message) {
    static tidings::Timer timer(resume, nullptr);
    tell("event " + std::string(message.last_event_id) + ' ' +
         (message.data.size() > 1000 ? std::to_string(message.data.size()) : std::string(message.data)));
    if (message.data == "pause") {
      stream->pause();
      timer.start(2000);
    }
  });
}
