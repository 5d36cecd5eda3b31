// What has become of a request in the router: the bytes of a response, or the event stream that it asks for. What a
// worker hands back to the connection. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tidings/server/http/admission.h"
#include "tidings/server/http/request.h"

namespace tidings {

// A request for an event stream, which is opened on the client's loop and not by the worker that has routed it.
struct StreamRequest {
  std::size_t opener;  // the number that Router::stream() was given for the path
  Request request;
  Admitted admitted = {};
};

struct Outcome {
  // The whole response, unless `stream` is set. Where it is empty, a head that came alone is not refused, and the
  // connection of a whole request closes without a word.
  std::string response = {};
  std::optional<StreamRequest> stream = {};
  bool keep_alive = true;    // the response leaves the connection open
  bool is_admitted = false;  // the route that answers the request has admitted it
  bool has_failed = false;   // what the application gave to answer it has thrown
};

}  // namespace tidings
