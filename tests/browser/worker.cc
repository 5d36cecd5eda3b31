// The logic of a dedicated worker for worker_test.mjs: follows /stream, by fetch where the worker's query says so, and
// hands all of it on.
#include <chrono>
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"
#include "tidings/client_wasm/fetch/fetch_stream.h"
#include "tidings/client_wasm/worker/outlet.h"

extern "C" bool follower_is_asked(const char* word, std::size_t length);  // tell.js

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostWaiting = 100;  // messages

}  // namespace

int main() {
  static tidings::Outlet outlet({.messages = kMostWaiting});
  const tidings::Reopening reopening = {.after_refusal = true, .silent_after = 40s};
  constexpr std::string_view kFetches = "fetches";
  if (!follower_is_asked(kFetches.data(), kFetches.size())) {
    static tidings::EventSource source("/stream", reopening);
    source.on_message([](const tidings::MessageView& message) { outlet.put(message); });
    return 0;
  }
  static tidings::FetchStream stream("/stream", {}, reopening);
  stream.on_message([](const tidings::MessageView& message) {
    outlet.put(message);
    if (outlet.counts().waiting == kMostWaiting) stream.pause();
  });
  outlet.on_room([] { stream.resume(); });
}
