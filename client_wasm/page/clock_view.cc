#include "tidings/client_wasm/page/clock_view.h"

#include <string_view>

#include "tidings/client_wasm/base/timer.h"
#include "tidings/client_wasm/dom/frame.h"
#include "tidings/client_wasm/page/connection_state.h"
#include "tidings/client_wasm/page/number.h"

// clock_view.js
extern "C" unsigned tidings_page_cost();
extern "C" void tidings_page_title(bool is_live);

namespace tidings {
namespace {

constexpr double kMinute = 60'000;
constexpr double kBreak = 1'500;  // a second and a half without a tick is a hole

// The number of a tick, which is Unix time in seconds; 0 if the text is none.
double number(std::string_view text) {
  double value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    value = 10 * value + (c - '0');
  }
  return value;
}

}  // namespace

ClockView::ClockView()
    : plot_(dom::Element::by_id("plot"), kMinute, kBreak), source_(EventSource::shared("/events", kPersistent)) {
  show(source_.state());
  source_.on_state([this](EventSource::State state) { show(state); });
  source_.on_message([this](const MessageView& message) { show(message); });
}

void ClockView::show(EventSource::State state) {
  if (state == EventSource::State::kReconnecting) show_number(reconnects_, ++reconnect_count_);
  show_state(source_, page_, state_);
  tidings_page_title(state <= EventSource::State::kOpen);  // a page that has just been opened is no news
}

// The data is 2026-11-23T06:40:12.000Z.
void ClockView::show(const MessageView& message) {
  const std::string_view time = message.data;
  if (time.size() != 24) return;
  date_.set_text({time.data(), 10});
  time_.set_text({time.data() + 11, 8});
  tick_.set_text(message.last_event_id);
  show_number(events_, ++event_count_);
  show_number(coalesced_, dom::coalesced());
  if (event_count_ == 1) show_number(cost_, tidings_page_cost());
  if (const double tick = number(message.last_event_id)) show_lateness(1000 * tick);
}

// Nobody knows how much the server's clock and this one differ, so lateness is shown against the most punctual tick of
// those on the plot.
void ClockView::show_lateness(double tick) {
  const double late = tidings_now() - tick;
  plot_.add(tick, late);
  const double bottom = plot_.smallest();
  show_number(lateness_, static_cast<unsigned>(late - bottom));
  unsigned scale = 10;
  while (plot_.largest() - bottom > scale && scale < 100'000) scale *= 2;
  plot_.draw(bottom, bottom + scale);
  show_number(scale_, scale);
}

}  // namespace tidings
