// The options of a server, with their defaults. A plain value: one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tidings/server/access/rate_limit.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/history/history.h"
#include "tidings/server/loop/clock.h"
#include "tidings/server/streams/stream_end.h"
#include "tidings/server/streams/stream_limits.h"

namespace tidings {

struct ProgramsContext;

// Every time is at least 1 ms and at most 100 years; the last three, shutdown_delay, drain_time and stop_timeout, may
// be 0, and so may gather times. Counts and bytes are at least 1; max_body_bytes, channels.max_quiet
// and channels.max_measured may be 0. Processors are those on which the process may run.
struct ServerOptions {
  std::string host = "localhost";  // a name or a numeric address
  std::uint16_t port = 9009;       // 0: a free one
  bool tcp = true;                 // whether it listens on host and port; else on unix_sockets alone
  // Paths of Unix sockets on which it listens as well, each with this mode: who may write to its file may connect. The
  // files are removed when the server stops.
  std::vector<std::string> unix_sockets = {};
  unsigned unix_mode = 0660;
  // TCP or Unix sockets that listen already, in the place of host and port: those of passed_sockets()
  // (service_manager.h), for example. The server closes them; whoever keeps them open elsewhere can hand them to its
  // successor, and no client is refused meanwhile.
  std::vector<int> listening_sockets = {};
  // Proxies whose word counts of who the client is, and of what it has asked for: by Forwarded, or by X-Forwarded-For,
  // -Proto and -Host. Each is an address, a network such as 10.0.0.0/8, or `unix` for who comes by a Unix socket. Name
  // the proxies alone: whoever is in here may say that it is anybody. Server's constructor throws
  // std::invalid_argument for what is none of these.
  std::vector<std::string> trusted_proxies = {};
  // Whether the connections of those begin with the PROXY protocol's header, version 1 or 2: one of theirs that does
  // not is closed, and one of anybody else that does is a 400.
  bool proxy_protocol = false;
  std::optional<unsigned> threads = {};  // event loops; as many as the machine has processors unless set
  // On which of the machine's processors they run, by their numbers from 0 on: the first loop on the first of these,
  // and so on, around again where there are more loops. With these, `threads` is as many as they are unless it is set.
  // All other threads run where whoever makes the server does. The thread that calls run() is where it was before when
  // that returns. Unless set, the system chooses, which suits all but who keeps other threads from these processors.
  std::vector<unsigned> processors = {};
  // An io_context of the program's for the one loop that there is then, as on_context() gives it.
  std::shared_ptr<ProgramsContext> programs_context = {};
  unsigned workers = 4;  // threads that run handlers
  // For what generators hand to a worker by on_worker(): the most threads, each made when there is work for it, and the
  // work that waits for one; beyond that, it is refused.
  unsigned work_threads = 4;
  std::size_t max_waiting_work = 1'024;
  bool io_uring = true;  // for what many streams get at a time, where the kernel allows it

  std::size_t max_head_bytes = 16 * 1024;     // of a request; beyond them, 431
  std::size_t max_body_bytes = 1024 * 1024;   // of a request; beyond them, 413
  bool allow_multipart = false;               // cpp-httplib takes half a minute of a worker for some of a megabyte
  std::size_t max_waiting_requests = 65'536;  // for a worker; beyond them, 503
  std::size_t max_collecting_bytes = std::size_t{64} << 20;  // of requests that have come in part; beyond them, 503
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);    // until a request's head is whole
  std::chrono::milliseconds body_timeout = std::chrono::seconds(60);    // then until its body is
  std::chrono::milliseconds keep_alive = std::chrono::seconds(75);      // of an idle connection, between two requests
  std::chrono::milliseconds answer_timeout = std::chrono::seconds(60);  // of a handler that answers later; then 503
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);  // without a client taking a byte of what it gets
  std::chrono::milliseconds heartbeat = std::chrono::seconds(15);      // of silence on a stream, then a heartbeat
  std::chrono::milliseconds reconnection_time = std::chrono::seconds(2);  // told to clients, times 0.5 to 1.5 at random
  // How long the server serves on after stop(), while it is not ready any more: so a balancer sees that, and turns to
  // other servers, before a client is refused.
  std::chrono::milliseconds shutdown_delay = std::chrono::milliseconds(0);
  // Called when a stream opens, and what it returns when that has ended, for an access log: stream_end.h.
  OnStream on_stream = {};
  // Called each pulse_interval on the first loop, where every loop has had a turn since the last time: for a watchdog,
  // which ends a process of which a part hangs. Not any more once the server has begun to drain.
  std::function<void()> on_pulse = {};
  std::chrono::milliseconds pulse_interval = std::chrono::seconds(10);
  // Called once when the server begins to stop, before the shutdown_delay, on the thread of run().
  std::function<void()> on_stop = {};
  // Within it all streams end when the server does, each at a random moment of it; and those whose grant ends, before
  // that.
  std::chrono::milliseconds drain_time = std::chrono::milliseconds(500);
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);  // then what is still open is cut off

  Hub::Options channels = {};
  // What keeps the channels' events: sqlite_history.h has one that keeps them over restarts. Unless set, they are in
  // memory alone. With one, `channels.channel.history` is what of the newest of them stays in memory. Nothing is
  // published any more once the last holder of it has let it go, which should be after the server.
  std::shared_ptr<History> history = {};
  StreamLimits::Options limits = {};
  // How often event streams are opened from one address, where a network of 64 bits is one address of IPv6, and so is
  // everybody who comes by a Unix socket and whom no trusted proxy tells apart. Whatever asks for a stream counts, also
  // what is refused then; beyond it, 429 before any authorizer is asked. Unless set, as often as anybody likes.
  std::optional<RateLimit::Rate> opening_rate = {};
  // Other origins whose pages may use the server, such as https://example.org; * for any. The routes of http() answer
  // for themselves, without these. Server's constructor throws std::invalid_argument for what is no origin.
  std::vector<std::string> cors_origins = {};

  std::shared_ptr<Clock> clock = {};       // the system's unless set
  std::optional<std::uint64_t> seed = {};  // of the jitter; from the system unless set
};

// Throws std::invalid_argument with a sentence for what no server can be made of.
void check(const ServerOptions& options);

}  // namespace tidings
