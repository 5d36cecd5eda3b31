// A list of entries on the page, the newest first, that holds its newest alone. The page has one thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "tidings/client_wasm/dom/dom.h"

namespace tidings::dom {

// At most as many entries wait for a frame as the list may hold: so it does not grow in a hidden tab, which gets none.
class List {
 public:
  List(Element element, std::size_t most) : element_(std::move(element)), most_(most) {}

  // Adds a copy of the first element in the <template> `form`. Its children get the texts, one each, in their order;
  // where there are more of the ones than of the others, the rest stays as it is.
  void add(const Element& form, std::initializer_list<std::string_view> texts) const;

 private:
  Element element_;
  std::size_t most_;
};

}  // namespace tidings::dom
