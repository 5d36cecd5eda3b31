// What a page takes over the wire that has a FetchStream and hands its events to JavaScript.
#include <cstddef>

#include "tidings/client_wasm/fetch/fetch_stream.h"

extern "C" void follower_tell(const char* text, std::size_t length);  // tell.js

int main() {
  static tidings::FetchStream stream("/channels/news", {.fields = {{"Authorization", "Bearer x"}}}, {});
  stream.on_message(
      [](const tidings::MessageView& message) { follower_tell(message.data.data(), message.data.size()); });
}
