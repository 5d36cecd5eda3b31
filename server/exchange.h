// One request on its way through a worker, and what came of it: response bytes, or the stream that it asked for.
// The loop fills the request, one worker fills the outcome, the loop takes it: never two threads at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "server/event_stream.h"
#include "server/request.h"
#include "server/timers.h"

namespace tidings {

// Makes the generator of one client, on the client's loop. The timers are that loop's.
using Endpoint = std::function<EventStream(Request, Timers&)>;

struct StreamRequest {
  const Endpoint* endpoint;  // lives as long as the server
  Request request;
};

struct Exchange {
  std::string head;  // as RequestReader passes it on
  std::string body;
  std::string remote_address;
  std::uint16_t remote_port = 0;
  bool keep_alive = true;

  std::string response;  // the whole of it, unless `stream` is set; empty: close without a word
  std::optional<StreamRequest> stream;
};

}  // namespace tidings
