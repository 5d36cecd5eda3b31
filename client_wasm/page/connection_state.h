// An event source as the page has it: how it is kept open, and its state as a lamp and words.
#pragma once

#include <chrono>

#include "tidings/client_wasm/dom/dom.h"
#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

namespace tidings {

// Whatever happens the page tries again.
inline constexpr Reopening kPersistent = {.after_refusal = true, .silent_after = std::chrono::seconds(40)};

// `view` gets the state as data-state, for the style sheet; `words` says it and its reason.
void show_state(const EventSource& source, const dom::Element& view, const dom::Element& words);

}  // namespace tidings
