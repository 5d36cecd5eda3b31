#include "client_wasm/dom.h"

#include <emscripten/emscripten.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <tuple>
#include <utility>

extern "C" {
// dom.js
int tidings_dom_find(const char* id, std::size_t id_length);
void tidings_dom_request_frame();
void tidings_dom_write(const char* begin, const char* end);
}

namespace tidings::dom {
namespace {

enum class Kind : std::int32_t { kText = 0, kData = 1 };  // dom.js knows them

struct Place {
  std::int32_t element;
  Kind kind;
  std::string name;                           // empty for text
  bool operator<(const Place& other) const {  // this libc++'s strings have no <=>
    return std::tie(element, kind, name) < std::tie(other.element, other.kind, other.name);
  }
};

std::map<Place, std::string> writes;  // of the next frame

void write(Place place, std::string_view value) {
  if (place.element == 0) return;
  if (writes.empty()) tidings_dom_request_frame();
  writes.insert_or_assign(std::move(place), std::string(value));
}

void append_word(std::int32_t word, std::string& out) {
  char bytes[sizeof word];
  std::memcpy(bytes, &word, sizeof word);
  out.append(bytes, sizeof word);
}

}  // namespace

Element Element::by_id(std::string_view id) { return Element(tidings_dom_find(id.data(), id.size())); }

void Element::set_text(std::string_view text) const { write({handle_, Kind::kText, {}}, text); }

void Element::set_data(std::string_view name, std::string_view value) const {
  write({handle_, Kind::kData, std::string(name)}, value);
}

}  // namespace tidings::dom

extern "C" EMSCRIPTEN_KEEPALIVE void tidings_dom_frame() {
  using namespace tidings::dom;
  std::string out;
  for (const auto& [place, value] : writes) {
    append_word(place.element, out);
    append_word(static_cast<std::int32_t>(place.kind), out);
    append_word(static_cast<std::int32_t>(place.name.size()), out);
    append_word(static_cast<std::int32_t>(value.size()), out);
    out.append(place.name).append(value);
  }
  writes.clear();
  tidings_dom_write(out.data(), out.data() + out.size());
}
