#include "tidings/client_wasm/dom/frame.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tidings/client_wasm/base/text.h"

namespace tidings::dom {
namespace {

// frame.js reads it as it stands: words, then the name and the value, which plot.js reads as doubles.
struct Write {
  Write* next;
  int element;
  Operation operation;
  std::size_t name_length, value_length;
  std::size_t room;    // for both
  unsigned additions;  // that were before it
  alignas(8) char bytes[1];
};

constexpr std::size_t kHead = offsetof(Write, bytes);
static_assert(offsetof(Write, next) == 0 && offsetof(Write, element) == 4 && offsetof(Write, operation) == 8 &&
              offsetof(Write, name_length) == 12 && offsetof(Write, value_length) == 16 && kHead == 32);

Write* first = nullptr;
Write** end = &first;
std::size_t waiting = 0;  // bytes
unsigned additions = 0;   // that ever were
unsigned coalesced_count = 0;
bool is_frame_requested = false;

}  // namespace
}  // namespace tidings::dom

extern "C" {
// frame.js
void tidings_dom_request_frame();
void tidings_dom_write(const tidings::dom::Write* first);
}

namespace tidings::dom {
namespace {

void write_all() {
  tidings_dom_write(first);
  while (Write* const write = first) {
    first = write->next;
    std::free(write);
  }
  end = &first;
  waiting = 0;
}

void append(int element, Operation operation, std::string_view name, std::string_view value) {
  if (waiting >= kMostWaiting) write_all();
  if (!std::exchange(is_frame_requested, true)) tidings_dom_request_frame();
  const std::size_t length = name.size() + value.size();
  const std::size_t room = (length + 11) & ~std::size_t{3};  // a little more: the next value may be longer
  Write* const write = static_cast<Write*>(std::malloc(kHead + room));
  *write = {nullptr, element, operation, name.size(), value.size(), room, additions, {}};
  // Not by string_view's own functions, here and below: they take the page 45 bytes more, by brotli.
  std::memcpy(write->bytes, name.data(), name.size());
  std::memcpy(write->bytes + name.size(), value.data(), value.size());
  *end = write;
  end = &write->next;
  waiting += kHead + room;
}

void drop(Write** place) {
  Write* const write = *place;
  *place = write->next;
  if (end == &write->next) end = place;
  waiting -= kHead + write->room;
  std::free(write);
  ++coalesced_count;
}

}  // namespace

void replace(int element, Operation operation, std::string_view name, std::string_view value) {
  if (element == 0) return;
  for (Write** place = &first; Write* const write = *place; place = &write->next) {
    if (write->element != element || write->operation != operation || write->name_length != name.size() ||
        std::memcmp(write->bytes, name.data(), name.size()) != 0) {
      continue;
    }
    // What was added since, such as a child where this is the text, must not survive it.
    if (write->additions != additions || name.size() + value.size() > write->room) {
      drop(place);
      break;
    }
    std::memcpy(write->bytes + name.size(), value.data(), value.size());
    write->value_length = value.size();
    ++coalesced_count;
    return;
  }
  append(element, operation, name, value);
}

void add(int element, Operation operation, std::string_view value) {
  if (element == 0) return;
  ++additions;
  append(element, operation, {}, value);
}

void add_newest(int element, Operation operation, std::string_view value, std::size_t most) {
  std::size_t count = 0;
  Write** oldest = nullptr;
  for (Write** place = &first; Write* const write = *place; place = &write->next) {
    if (write->element != element || write->operation != operation) continue;
    if (!oldest) oldest = place;
    ++count;
  }
  if (oldest && count >= most) drop(oldest);
  add(element, operation, value);
}

unsigned coalesced() { return coalesced_count; }

}  // namespace tidings::dom

extern "C" TIDINGS_CALLED_BY_JS void tidings_dom_frame() {
  tidings::dom::is_frame_requested = false;
  tidings::dom::write_all();
}
