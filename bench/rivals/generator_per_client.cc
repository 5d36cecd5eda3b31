// Ours with a generator for each client: one that follows the channel `load` at /follow, the clock's at /events.
// `generator_per_client LOOPS`.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tidings/bench/load/page_client.h"
#include "tidings/server/channels/channel.h"
#include "tidings/server/channels/hub.h"
#include "tidings/server/clock/clock_stream.h"
#include "tidings/server/server.h"
#include "tidings/server/subscribers/subscription.h"

namespace {

tidings::EventStream follow(std::shared_ptr<tidings::Channel> channel, std::optional<std::string> last_event_id,
                            tidings::Loop& loop) {
  tidings::Subscription subscription(std::move(channel), loop, last_event_id);
  while (auto event = co_await subscription.next()) co_yield *event;
}

}  // namespace

int main(int, char** argv) {
  tidings::ServerOptions options;
  options.port = 0;
  if (const char* const host = std::getenv("TIDINGS_BENCH_HOST"); host != nullptr) options.host = host;
  // A generator sends one event at a time, where a channel's own stream takes many at once: under many publishers it
  // falls further behind than the usual history reaches.
  options.channels.channel.history = {.max_events = 100'000, .max_bytes = 64 << 20};
  options.threads = argv[1] != nullptr ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)) : 1;
  tidings::Server server(options);
  tidings::Hub& hub = server.hub();
  server.serve_channels({.token = tidings::bench::kPublishToken});
  server.stream("/events", tidings::clock_stream);
  server.stream("/follow", [&hub](tidings::Request request, tidings::Loop& loop) {
    const auto id = request.header("Last-Event-ID");
    return follow(hub.channel("load"), id ? std::optional<std::string>(*id) : std::nullopt, loop);
  });
  server.listen();
  server.stop_on_signals();
  std::printf("Generators are at %s\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
