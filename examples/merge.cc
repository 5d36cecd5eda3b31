// An endpoint of one's own over channels: follows two of them, passes one on as it is and shouts the other.
//
//   bazel run //examples:merge        then: curl -N http://localhost:9009/both
//   curl -d psst http://localhost:9009/channels/quiet; curl -d hey http://localhost:9009/channels/loud
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tidings/server/server.h"
#include "tidings/server/subscribers/subscription.h"

using Channels = std::vector<std::shared_ptr<tidings::Channel>>;

tidings::EventStream both(Channels channels, tidings::Loop& loop) {
  tidings::Subscription subscription(std::move(channels), loop);
  while (auto event = co_await subscription.next()) {
    std::string text(event->data());
    if (event->type() == "loud")
      std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    co_yield tidings::Event(std::move(text));
  }
}

int main() {
  tidings::Server server;
  tidings::Hub& hub = server.hub();
  server.serve_channels({.open_channels = {"quiet", "loud"}});
  server.stream("/both", [&hub](tidings::Request, tidings::Loop& loop) {
    return both({hub.channel("quiet"), hub.channel("loud")}, loop);
  });
  server.listen();
  server.stop_on_signals();
  std::fprintf(stderr, "Listening on %s/both\n", server.url().c_str());
  server.run();
}
