// The channel `demo`: its newest events as they come, of every type, and a form that publishes one.
#pragma once

#include <cstddef>
#include <string_view>

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
  static constexpr unsigned kMostShown = 50;

  void show(const EventSource::Message& message);
  void show(const Publisher::Outcome& outcome);
  void add(std::string_view text, std::string_view type, std::string_view id);

  dom::Element view_ = dom::Element::by_id("channel");
  dom::Element state_ = dom::Element::by_id("channel-state");
  dom::Element notice_ = dom::Element::by_id("notice");
  dom::Element shown_ = dom::Element::by_id("shown");
  dom::Element count_ = dom::Element::by_id("count");
  dom::Element event_ = dom::Element::by_id("event");
  dom::Element long_ = dom::Element::by_id("long");
  dom::List log_{dom::Element::by_id("log"), kMostShown};
  unsigned added_ = 0;
  EventSource source_;
  Publisher publisher_;
  dom::Listener submissions_;
  dom::Listener tokens_;
};

}  // namespace tidings
