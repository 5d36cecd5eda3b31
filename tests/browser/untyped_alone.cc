// typed_alone.cc without the structs: the data as it comes.
#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"

extern "C" void follower_tell(const char* text, std::size_t length);  // tell.js

static void tell(std::string_view text) { follower_tell(text.data(), text.size()); }

int main() {
  static tidings::EventSource source("/channels/robot");
  source.on_event("pose", [](const tidings::MessageView& message) { tell(message.data); });
  source.on_event("battery", [](const tidings::MessageView& message) { tell(message.data); });
  source.on_event("job", [](const tidings::MessageView& message) { tell(message.data); });
}
