#include "client_wasm/connection_state.h"

#include <string_view>

namespace tidings {
namespace {

struct StateText {
  std::string_view name;  // for the style sheet, as data-state
  std::string_view words;
};

StateText describe(EventSource::State state) {
  switch (state) {
    case EventSource::State::kConnecting: return {"connecting", "Connecting"};
    case EventSource::State::kOpen: return {"open", "Live"};
    case EventSource::State::kReconnecting: return {"reconnecting", "Connection lost, reconnecting"};
    case EventSource::State::kWaiting: return {"reconnecting", "Connection lost, trying again soon"};
    case EventSource::State::kClosed: return {"closed", "Closed by the server"};
  }
  return {};
}

}  // namespace

void show_state(EventSource::State state, const dom::Element& view, const dom::Element& words) {
  const StateText text = describe(state);
  view.set_data("state", text.name);
  words.set_text(text.words);
}

}  // namespace tidings
