// The page's logic: counts all events, shows the last one and the count.
#pragma once

#include <utility>

#include "tidings/client_wasm/base/decimal.h"
#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"

namespace tidings::bench {

class Counter {
 public:
  explicit Counter(EventSource source) : source_(std::move(source)) {
    source_.on_message([this](const MessageView& message) {
      count_.set_text(Decimal(++events_));
      last_.set_text(message.data);
    });
  }

 private:
  dom::Element count_ = dom::Element::by_id("count");
  dom::Element last_ = dom::Element::by_id("last");
  unsigned events_ = 0;
  EventSource source_;
};

}  // namespace tidings::bench
