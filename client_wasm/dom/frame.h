// What C++ writes to the page, collected: it crosses to the browser in one call before the next animation frame. Of
// several values for one place the latest wins. For the parts of dom.h, not for pages. The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace tidings::dom {

// What a write does: a number, for which each part of dom asks its own .js once. So what a page does not use is not
// linked, on either side.
using Operation = int;

// The browser paints no hidden tab, so it asks for no frame: where this much waits, it is written without one.
inline constexpr std::size_t kMostWaiting = 32 * 1024;  // bytes

// Does the operation on the element, with this name and value. A later value for the same element, operation and name
// replaces one that still waits. Element 0 is none: nothing happens.
void replace(int element, Operation operation, std::string_view name, std::string_view value);

// Does the operation after all that was asked for before. Nothing that waits is replaced.
void add(int element, Operation operation, std::string_view value);
// The same, but where `most` of this element and operation wait already, the oldest of these is not done at all.
void add_newest(int element, Operation operation, std::string_view value, std::size_t most);

// How many values were replaced by later ones before anybody saw them.
unsigned coalesced();

}  // namespace tidings::dom
