#include "client_wasm/dom.h"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "client_wasm/text_buffer.h"

extern "C" {
// dom.js
int tidings_dom_find(const char* id, std::size_t id_length);
void tidings_dom_request_frame();
void tidings_dom_write(const char* begin, const char* end);
void tidings_dom_listen(tidings::dom::SubmitListener* listener, int form);
void tidings_dom_unlisten(tidings::dom::SubmitListener* listener);
}

namespace tidings::dom {
namespace {

enum class Kind : std::int32_t { kText = 0, kData = 1, kEntry = 2 };  // dom.js knows them

// What is written to a place: bytes that dom.js reads after the element and the kind.
struct Write {
  std::int32_t element;
  Kind kind;
  std::string name;  // of a data attribute
  std::string bytes;
};

std::vector<Write> writes;  // of the next frame; a page has few places

void append_word(std::int32_t word, std::string& out) {
  char bytes[sizeof word];
  std::memcpy(bytes, &word, sizeof word);
  out.append(bytes, sizeof word);
}

void append_text(std::string_view text, std::string& out) {
  append_word(static_cast<std::int32_t>(text.size()), out);
  out.append(text);
}

void add(Write write) {
  if (writes.empty()) tidings_dom_request_frame();
  writes.push_back(std::move(write));
}

void replace(std::int32_t element, Kind kind, std::string_view name, std::string_view value) {
  if (element == 0) return;
  std::string bytes;
  if (kind == Kind::kData) append_text(name, bytes);
  append_text(value, bytes);
  for (Write& write : writes) {
    if (write.element == element && write.kind == kind && write.name == name) {
      write.bytes = std::move(bytes);
      return;
    }
  }
  add({element, kind, std::string(name), std::move(bytes)});
}

}  // namespace

Element Element::by_id(std::string_view id) { return Element(tidings_dom_find(id.data(), id.size())); }

void Element::set_text(std::string_view text) const { replace(handle_, Kind::kText, {}, text); }
void Element::set_data(std::string_view name, std::string_view value) const {
  replace(handle_, Kind::kData, name, value);
}

void List::add(Element form, std::initializer_list<std::string_view> texts) const {
  if (element_.handle_ == 0 || form.handle_ == 0) return;
  const auto is_entry = [this](const Write& write) {
    return write.element == element_.handle_ && write.kind == Kind::kEntry;
  };
  if (static_cast<std::size_t>(std::count_if(writes.begin(), writes.end(), is_entry)) >= most_) {
    writes.erase(std::find_if(writes.begin(), writes.end(), is_entry));
  }
  Write write{element_.handle_, Kind::kEntry, {}, {}};
  append_word(form.handle_, write.bytes);
  append_word(static_cast<std::int32_t>(most_), write.bytes);
  append_word(static_cast<std::int32_t>(texts.size()), write.bytes);
  for (const std::string_view text : texts) append_text(text, write.bytes);
  dom::add(std::move(write));
}

SubmitListener::SubmitListener(Element form, OnSubmit callback) : callback_(std::move(callback)) {
  if (form.handle_ != 0) tidings_dom_listen(this, form.handle_);
}
SubmitListener::~SubmitListener() { tidings_dom_unlisten(this); }

}  // namespace tidings::dom

extern "C" EMSCRIPTEN_KEEPALIVE void tidings_dom_frame() {
  using namespace tidings::dom;
  std::string out;
  for (const Write& write : writes) {
    append_word(write.element, out);
    append_word(static_cast<std::int32_t>(write.kind), out);
    out.append(write.bytes);
  }
  writes.clear();
  tidings_dom_write(out.data(), out.data() + out.size());
}

extern "C" EMSCRIPTEN_KEEPALIVE bool tidings_dom_submit(tidings::dom::SubmitListener* listener,
                                                        std::size_t value_length) {
  tidings::TextBuffer text;
  const tidings::dom::SubmitListener::OnSubmit callback = listener->callback();  // a copy: it may end the listener
  return callback(text.take(value_length));
}
