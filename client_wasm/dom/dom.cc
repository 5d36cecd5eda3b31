#include "tidings/client_wasm/dom/dom.h"

#include "tidings/client_wasm/dom/frame.h"

extern "C" {
// dom.js
bool tidings_dom_find(int number, const char* id, std::size_t id_length);
tidings::dom::Operation tidings_dom_create();
tidings::dom::Operation tidings_dom_forget();
tidings::dom::Operation tidings_dom_text();
tidings::dom::Operation tidings_dom_attribute();
tidings::dom::Operation tidings_dom_flag();
tidings::dom::Operation tidings_dom_data();
tidings::dom::Operation tidings_dom_class();
tidings::dom::Operation tidings_dom_append();
tidings::dom::Operation tidings_dom_remove();
}

namespace tidings::dom {
namespace {

int last_number = 0;  // never given twice, so that what is let go of can't be taken for something else

}  // namespace

Element Element::by_id(std::string_view id) {
  const int number = ++last_number;
  return Element(tidings_dom_find(number, id.data(), id.size()) ? number : 0);
}

Element Element::by_id(const char* id) { return by_id(std::string_view(id)); }

Element Element::create(std::string_view tag) {
  static const Operation create = tidings_dom_create();
  const int number = ++last_number;
  add(number, create, tag);
  return Element(number);
}

Element::~Element() {
  static const Operation forget = tidings_dom_forget();
  add(number_, forget, {});
}

void Element::set_text(std::string_view text) const {
  static const Operation set = tidings_dom_text();
  replace(number_, set, {}, text);
}

void Element::set_attribute(std::string_view name, std::string_view value) const {
  static const Operation set = tidings_dom_attribute();
  replace(number_, set, name, value);
}

void Element::set_flag(std::string_view name, bool is_set) const {
  static const Operation set = tidings_dom_flag();
  replace(number_, set, name, is_set ? "1" : std::string_view());
}

void Element::set_data(std::string_view name, std::string_view value) const {
  static const Operation set = tidings_dom_data();
  replace(number_, set, name, value);
}

void Element::set_class(std::string_view name, bool is_set) const {
  static const Operation set = tidings_dom_class();
  replace(number_, set, name, is_set ? "1" : std::string_view());
}

void Element::append(const Element& child, std::size_t newest) const {
  static const Operation append = tidings_dom_append();
  if (child.number_ == 0) return;
  const std::size_t words[] = {static_cast<std::size_t>(child.number_), newest};
  add(number_, append, {reinterpret_cast<const char*>(words), sizeof words});
}

void Element::remove() const {
  static const Operation remove = tidings_dom_remove();
  add(number_, remove, {});
}

}  // namespace tidings::dom
