#include "tidings/client_wasm/page/connection_state.h"

#include <algorithm>
#include <string_view>

#include "tidings/client_wasm/page/time_of_day.h"

namespace tidings {
namespace {

using State = EventSource::State;
using Reason = EventSource::Reason;

struct StateText {
  std::string_view name;  // for the style sheet, as data-state
  std::string_view words;
};

StateText describe(State state, Reason reason) {
  switch (state) {
    case State::kConnecting: return {"connecting", "Connecting"};
    case State::kOpen: return {"open", "Live"};
    case State::kReconnecting: return {"reconnecting", "Connection lost, reconnecting"};
    case State::kWaiting:
      return {"waiting",
              reason == Reason::kSilent ? "Gone silent, next attempt at " : "Refused by the server, next attempt at "};
    case State::kClosed:
      if (reason == Reason::kUnavailable) return {"closed", "This browser can't follow event streams"};
      return {"closed", "Closed by the server"};
  }
  return {};
}

}  // namespace

void show_state(const EventSource& source, const dom::Element& view, const dom::Element& words) {
  const StateText text = describe(source.state(), source.reason());
  view.set_data("state", text.name);
  if (source.state() != State::kWaiting) {
    words.set_text(text.words);
    return;
  }
  char all[64];
  char* end = std::copy(text.words.begin(), text.words.end(), all);
  const TimeOfDay attempt(source.next_attempt());
  const std::string_view time = attempt;
  end = std::copy(time.begin(), time.end(), end);
  words.set_text({all, std::size_t(end - all)});
}

}  // namespace tidings
