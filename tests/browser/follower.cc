// A page's logic for event_source_features_test.mjs: follows /stream as the words in the page's query say, and tells
// the test all that it sees.
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

extern "C" {
// tell.js
bool follower_is_asked(const char* word, std::size_t length);
void follower_tell(const char* text, std::size_t length);
void follower_watch(const void* begin, std::size_t length);
void follower_alert();
}

namespace {

using namespace std::chrono_literals;
using tidings::EventSource;

bool is_asked(std::string_view word) { return follower_is_asked(word.data(), word.size()); }

void tell(const std::string& text) { follower_tell(text.data(), text.size()); }

void tell_state(const EventSource& source) {
  static constexpr const char* kStates[] = {"connecting", "open", "reconnecting", "waiting", "closed"};
  static constexpr const char* kReasons[] = {"",       " here", " refused", " silent", " gave up", " unavailable",
                                             " ended", " lost", " too long"};
  tell(std::string(kStates[int(source.state())]) + kReasons[int(source.reason())]);
}

EventSource make() {
  tidings::Reopening reopening;
  reopening.after_refusal = is_asked("reopens");
  reopening.first_wait = reopening.longest_wait = is_asked("slowly") ? 3'600'000ms : 50ms;
  if (is_asked("watches")) reopening.silent_after = 1s;
  if (is_asked("hurries")) reopening.answer_within = 2s;
  return is_asked("shares") ? EventSource::shared("/stream", reopening) : EventSource("/stream", reopening);
}

volatile int data[1024] = {1, 2, 3};  // of the program, which an overflow of the stack must leave alone

int overflow(int depth) {
  if (data[0] == 0) return 0;  // never
  volatile int taken[64];
  taken[depth % 64] = depth;
  return overflow(depth + 1) + taken[0];
}

}  // namespace

int main() {
  follower_watch(const_cast<const int*>(data), sizeof data);
  static EventSource source = make();
  tell_state(source);
  source.on_state([](EventSource::State) { tell_state(source); });
  source.on_message([](const tidings::MessageView& message) {
    if (message.data == "overflow") overflow(0);
    if (message.data == "dialog") follower_alert();
    tell("event " + std::string(message.last_event_id) + ' ' + std::string(message.data));
  });
  source.on_event("gap", [](const tidings::MessageView& message) { tell("gap " + std::string(message.data)); });
}
