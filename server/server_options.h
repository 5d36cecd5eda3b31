// What a server is made of, with the values that it has unless told otherwise. A plain value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/channels/hub.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/streams/stream_limits.h"

namespace tidings {

// Every time but the last three is 1 ms at least; those may be 0. Counts and bytes are 1 at least, but for
// max_body_bytes.
struct ServerOptions {
  std::string host = "localhost";        // a name or a numeric address
  std::uint16_t port = 9009;             // 0: a free one
  std::optional<unsigned> threads = {};  // event loops; as many as the machine has processors unless set
  unsigned workers = 4;                  // threads that run handlers
  bool io_uring = true;                  // for what many streams get at a time, where the kernel allows it

  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1024 * 1024;
  bool allow_multipart = false;               // cpp-httplib takes half a minute of a worker for some of a megabyte
  std::size_t max_waiting_requests = 65'536;  // for a worker; beyond them, 503
  std::size_t max_collecting_bytes = std::size_t{64} << 20;  // of requests that have come in part; beyond them, 503
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
  std::chrono::milliseconds keep_alive = std::chrono::seconds(75);
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);
  // From stop() to the end of accepting: it is not ready any more and serves on, so that a balancer can see it and
  // turns to others before a client is refused.
  std::chrono::milliseconds shutdown_delay = std::chrono::milliseconds(0);
  std::chrono::milliseconds drain_time = std::chrono::milliseconds(500);  // over which streams end, not all at once
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);       // then what is still open is cut off

  Hub::Options channels = {};
  StreamLimits::Options limits = {};
  // Other origins whose pages may use the server, such as https://example.org; * for any. They are not told to the
  // routes of http(), which answer for themselves. Server's constructor throws std::invalid_argument for what is none.
  std::vector<std::string> cors_origins = {};

  std::shared_ptr<Clock> clock = {};       // the system's unless set
  std::optional<std::uint64_t> seed = {};  // of the jitter; from the system unless set
};

// Throws std::invalid_argument with a sentence for what no server can be made of.
void check(const ServerOptions& options);

}  // namespace tidings
