// The channel `demo`: its newest events as they come, and a form that publishes one.
// A browser gives a page the events of types that it asks for by name; this asks for those without one, and for gaps.
#pragma once

#include <cstddef>

#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/dom/list.h"
#include "tidings/client_wasm/dom/listener.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/fetch/publisher.h"

namespace tidings {

class ChannelView {
 public:
  ChannelView();

 private:
  static constexpr std::size_t kMostShown = 50;

  void show_gap(const EventSource::Message& gap);
  void show(const Publisher::Outcome& outcome);

  dom::Element view_ = dom::Element::by_id("channel");
  dom::Element state_ = dom::Element::by_id("channel-state");
  dom::Element event_ = dom::Element::by_id("event");
  dom::Element notice_ = dom::Element::by_id("notice");
  dom::List log_{dom::Element::by_id("log"), kMostShown};
  EventSource source_;
  Publisher publisher_;
  dom::Listener submissions_;
};

}  // namespace tidings
