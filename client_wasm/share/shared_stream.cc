#include <cstddef>
#include <string_view>

#include "tidings/client_wasm/event_source/event_source.h"
#include "tidings/client_wasm/event_source/reopening.h"

// share.js
extern "C" bool tidings_share_open(tidings::Connection* connection, const char* url, std::size_t url_length,
                                   bool with_credentials, double silent_after, double answer_within, const char* id,
                                   std::size_t id_length);

namespace tidings {

EventSource EventSource::shared(std::string_view url, const Reopening& reopening) {
  return EventSource(url, reopening, tidings_share_open);
}

}  // namespace tidings
