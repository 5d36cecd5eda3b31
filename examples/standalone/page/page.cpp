// The page's logic: the newest reading, and a mark where it is low.
#include "protocol/event.h"
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"

int main() {
  // For as long as the page is open.
  static auto& reading = *new tidings::dom::Element(tidings::dom::Element::by_id("reading"));
  auto& source = *new tidings::EventSource("/battery");
  source.on_message([](const tidings::MessageView& message) {
    reading.set_text(message.data);
    reading.set_attribute("data-low", standalone::is_low(message.data) ? "true" : "false");
  });
}
