#include "tidings/client_wasm/worker/outlet.h"

#include <cstddef>

#include "tidings/client_wasm/base/text.h"

extern "C" {
// outlet.js
void tidings_outlet_open(tidings::Outlet* outlet);
void tidings_outlet_add(const char* type, std::size_t type_length, const char* data, std::size_t data_length,
                        const char* id, std::size_t id_length, const char* origin, std::size_t origin_length);
void tidings_outlet_post();
}

namespace tidings {

Outlet::Outlet(Inbox::Limits limits) : inbox_(limits) { tidings_outlet_open(this); }

void Outlet::put(const MessageView& message, std::string_view key) {
  inbox_.put(key, message);
  if (is_asked_) send();
}

void Outlet::take_request() {
  is_asked_ = true;
  if (inbox_.counts().waiting > 0) send();
  if (on_room_) on_room_();
}

void Outlet::send() {
  is_asked_ = false;
  inbox_.take([](std::string_view, const MessageView& message) {
    const std::string_view id = message.last_event_id;
    tidings_outlet_add(message.type.data(), message.type.size(), message.data.data(), message.data.size(), id.data(),
                       id.size(), message.origin.data(), message.origin.size());
  });
  tidings_outlet_post();
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS void tidings_outlet_request(tidings::Outlet* outlet) { outlet->take_request(); }
