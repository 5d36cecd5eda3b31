// An event source's state as the page shows it: a lamp and words.
#pragma once

#include "client_wasm/dom.h"
#include "client_wasm/event_source.h"

namespace tidings {

// `view` gets it as data-state, for the style sheet; `words` says it.
void show_state(EventSource::State state, const dom::Element& view, const dom::Element& words);

}  // namespace tidings
