// A page's program whose EventSource ends with main(), before the first event.
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"

int main() {
  static const tidings::dom::Element news = tidings::dom::Element::by_id("news");
  tidings::EventSource source("/channels/news");
  source.on_message([](const tidings::MessageView& message) { news.set_text(message.data); });
}
