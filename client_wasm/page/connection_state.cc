#include "tidings/client_wasm/page/connection_state.h"

#include <string_view>

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
      if (reason == Reason::kSilent) return {"waiting", "Gone silent, trying again within 30 s"};
      return {"waiting", "Refused by the server, trying again within 30 s"};
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
  words.set_text(text.words);
}

}  // namespace tidings
