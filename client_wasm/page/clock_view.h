// The server's time: the clock's event stream, as the time, how late its ticks come, counts and the connection's state.
#pragma once

#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/page/plot.h"

namespace tidings {

class ClockView {
 public:
  ClockView();

 private:
  void show(EventSource::State state);
  void show(const MessageView& message);
  void show_lateness(double tick);

  dom::Element page_ = dom::Element::by_id("page");
  dom::Element date_ = dom::Element::by_id("date");
  dom::Element time_ = dom::Element::by_id("time");
  dom::Element state_ = dom::Element::by_id("state");
  dom::Element lateness_ = dom::Element::by_id("lateness");
  dom::Element scale_ = dom::Element::by_id("scale");
  dom::Element tick_ = dom::Element::by_id("tick");
  dom::Element events_ = dom::Element::by_id("events");
  dom::Element reconnects_ = dom::Element::by_id("reconnects");
  dom::Element coalesced_ = dom::Element::by_id("coalesced");
  dom::Element cost_ = dom::Element::by_id("cost");
  dom::Plot plot_;
  unsigned event_count_ = 0;
  unsigned reconnect_count_ = 0;
  EventSource source_;
};

}  // namespace tidings
