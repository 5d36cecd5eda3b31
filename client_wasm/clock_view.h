// The server's time: the clock's event stream, as the time, the tick's number and the connection's state.
#pragma once

#include "client_wasm/dom.h"
#include "client_wasm/event_source.h"

namespace tidings {

class ClockView {
 public:
  ClockView();

 private:
  void show(const EventSource::Message& message);

  dom::Element page_ = dom::Element::by_id("page");
  dom::Element date_ = dom::Element::by_id("date");
  dom::Element time_ = dom::Element::by_id("time");
  dom::Element state_ = dom::Element::by_id("state");
  dom::Element tick_ = dom::Element::by_id("tick");
  dom::Element events_ = dom::Element::by_id("events");
  unsigned event_count_ = 0;
  EventSource source_;
};

}  // namespace tidings
