#include "tidings/client_wasm/dom/listener.h"

#include <utility>

#include "tidings/client_wasm/base/text.h"

extern "C" {
// listener.js
void tidings_dom_listen(tidings::dom::Listener* listener, int element, int kind);
void tidings_dom_unlisten(tidings::dom::Listener* listener);
}

namespace tidings::dom {

Listener::Listener(const Element& element, Kind kind, OnEvent callback) : callback_(std::move(callback)) {
  if (element.number() != 0) tidings_dom_listen(this, element.number(), static_cast<int>(kind));
}
Listener::~Listener() { tidings_dom_unlisten(this); }

}  // namespace tidings::dom

extern "C" TIDINGS_CALLED_BY_JS bool tidings_dom_event(tidings::dom::Listener* listener, char* value,
                                                       std::size_t value_length) {
  const tidings::Text text(value, value_length);
  const tidings::dom::OnEvent callback = listener->callback();  // a copy: it may end the listener
  return callback(text);
}
