#include "tidings/client_wasm/dom/list.h"

#include "tidings/client_wasm/base/text.h"
#include "tidings/client_wasm/dom/frame.h"

extern "C" tidings::dom::Operation tidings_dom_entry();  // list.js

namespace tidings::dom {
namespace {

void append_word(std::size_t word, Text& out) { out.append({reinterpret_cast<const char*>(&word), sizeof word}); }

}  // namespace

void List::add(const Element& form, std::initializer_list<std::string_view> texts) const {
  static const Operation entry = tidings_dom_entry();
  if (form.number() == 0) return;
  Text value;
  append_word(static_cast<std::size_t>(form.number()), value);
  append_word(most_, value);
  append_word(texts.size(), value);
  for (const std::string_view text : texts) append_word(text.size(), value);
  for (const std::string_view text : texts) value.append(text);
  add_newest(element_.number(), entry, value, most_);
}

}  // namespace tidings::dom
