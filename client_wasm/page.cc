// The page's logic: follows the clock's event stream and shows the time, the tick's number and the connection's state.
#include <string>
#include <string_view>

#include "client_wasm/dom.h"
#include "client_wasm/event_source.h"

namespace {

using tidings::EventSource;
using tidings::dom::Element;

struct StateText {
  std::string_view name;  // for the style sheet, as data-state
  std::string_view words;
};

StateText describe(EventSource::State state) {
  switch (state) {
    case EventSource::State::kConnecting: return {"connecting", "Connecting"};
    case EventSource::State::kOpen: return {"open", "Live"};
    case EventSource::State::kReconnecting: return {"reconnecting", "Connection lost, reconnecting"};
    case EventSource::State::kClosed: return {"closed", "Closed by the server"};
  }
  return {};
}

class ClockPage {
 public:
  ClockPage() : source_("/events") {
    show(source_.state());
    source_.on_state([this](EventSource::State state) { show(state); });
    source_.on_message([this](const EventSource::Message& message) { show(message); });
  }

 private:
  void show(EventSource::State state) const {
    const StateText text = describe(state);
    page_.set_data("state", text.name);
    state_.set_text(text.words);
  }

  // The data is 2026-11-23T06:40:12.000Z. Other text is shown as it is.
  void show(const EventSource::Message& message) {
    const std::string_view time = message.data;
    const bool is_time = time.size() == 24 && time[10] == 'T';
    date_.set_text(is_time ? time.substr(0, 10) : std::string_view());
    time_.set_text(is_time ? time.substr(11, 8) : time);
    tick_.set_text(message.last_event_id);
    events_.set_text(std::to_string(++event_count_));
  }

  Element page_ = Element::by_id("page");
  Element date_ = Element::by_id("date");
  Element time_ = Element::by_id("time");
  Element state_ = Element::by_id("state");
  Element tick_ = Element::by_id("tick");
  Element events_ = Element::by_id("events");
  unsigned event_count_ = 0;
  EventSource source_;
};

}  // namespace

int main() {
  new ClockPage;  // for as long as the page is open
}
