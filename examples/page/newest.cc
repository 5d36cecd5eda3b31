// A whole page's logic: the newest event of a stream in an element, twice.
#include <string_view>

#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"

// Text is only ever text, whatever the server sends.
class Newest {
 public:
  Newest(std::string_view id, std::string_view url) : element_(tidings::dom::Element::by_id(id)), source_(url) {
    source_.on_message([this](const tidings::MessageView& message) { element_.set_text(message.data); });
  }

 private:
  tidings::dom::Element element_;
  tidings::EventSource source_;
};

int main() {
  // For as long as the page is open.
  new Newest("time", "/events");
  new Newest("news", "/channels/news");
}
