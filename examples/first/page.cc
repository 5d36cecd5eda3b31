#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"

int main() {
  static const auto value = tidings::dom::Element::by_id("value");
  static tidings::EventSource source("/values");
  source.on_message([](const tidings::MessageView& message) { value.set_text(message.data); });
}
