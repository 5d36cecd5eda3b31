#include "client_wasm/clock_view.h"

#include <string>
#include <string_view>

#include "client_wasm/connection_state.h"

namespace tidings {

ClockView::ClockView() : source_("/events") {
  show_state(source_.state(), page_, state_);
  source_.on_state([this](EventSource::State state) { show_state(state, page_, state_); });
  source_.on_message([this](const EventSource::Message& message) { show(message); });
}

// The data is 2026-11-23T06:40:12.000Z. Other text is shown as it is.
void ClockView::show(const EventSource::Message& message) {
  const std::string_view time = message.data;
  const bool is_time = time.size() == 24 && time[10] == 'T';
  date_.set_text(is_time ? time.substr(0, 10) : std::string_view());
  time_.set_text(is_time ? time.substr(11, 8) : time);
  tick_.set_text(message.last_event_id);
  events_.set_text(std::to_string(++event_count_));
}

}  // namespace tidings
