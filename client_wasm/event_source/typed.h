// Events as the structs that the server sends (protocol/typed/typed.h, which says by which rules they are read):
//
//   source.on<Pose>([](const Pose& pose) { … });
//
// An event that can't be read is told on the browser's console, by its type and member, and is nobody's. The page has
// one thread.
#pragma once

#include <string_view>
#include <utility>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/protocol/typed/description.h"
#include "tidings/protocol/typed/json_reader.h"

namespace tidings {

// Whether it could be read; else it was told.
bool read_typed(const MessageView& message, void* object, const Description& description);

// Calls back with each event of the struct's type.
template <class T, class Function>
EventSource::Listener EventSource::on(Function callback) {
  static_assert(TypedEvent<T>,
                "This type is no event: put TIDINGS_EVENT(Type, \"type\", member, ...) behind the struct.");
  return on_event(tidings_event_type(static_cast<const T*>(nullptr)).view(),
                  [callback = std::move(callback)](const MessageView& message) {
                    T value{};
                    if (read_typed(message, &value, *describe<T>())) callback(std::as_const(value));
                  });
}

}  // namespace tidings
