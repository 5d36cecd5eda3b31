// A list of entries on the page, the newest first, that holds its newest alone. The page has one thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "tidings/client_wasm/dom/dom.h"

namespace tidings::dom {

// No more entries than it holds wait for a frame either, so a hidden tab's does not grow.
class List {
 public:
  List(Element element, std::size_t most) : element_(std::move(element)), most_(most) {}

  // An entry is a copy of the first element in the <template> `form`; each text becomes that of one of its children.
  void add(const Element& form, std::initializer_list<std::string_view> texts) const;

 private:
  Element element_;
  std::size_t most_;
};

}  // namespace tidings::dom
