// A whole number as an element's text. The page has one thread.
#pragma once

#include "tidings/client_wasm/base/decimal.h"
#include "tidings/client_wasm/dom/dom.h"

namespace tidings {

inline void show_number(const dom::Element& element, unsigned number) { element.set_text(Decimal(number)); }

}  // namespace tidings
