// An endpoint of one's own over channels: follows two of them, passes one on as it is and shouts the other.
//
//   bazel run //examples:merge        then: curl -N http://localhost:9009/both
//   curl -d psst http://localhost:9009/channels/quiet; curl -d hey http://localhost:9009/channels/loud
#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidings/server/program.h"
#include "tidings/server/subscribers/subscription.h"

using Channels = std::vector<std::shared_ptr<tidings::Channel>>;

std::string in_capitals(std::string_view text) {
  std::string capitals(text);
  std::transform(text.begin(), text.end(), capitals.begin(), [](unsigned char c) { return std::toupper(c); });
  return capitals;
}

// An event's type says of which channel it is, and keeps the type that it was published with: `loud`, or `loud/alarm`.
tidings::EventStream both(Channels channels, tidings::Loop& loop) {
  tidings::Subscription subscription(std::move(channels), loop);
  while (auto event = co_await subscription.next()) {
    if (tidings::is_of(*event, "loud")) {
      co_yield tidings::Event(*event).with_data(in_capitals(event->data()));
    } else {
      co_yield *event;
    }
  }
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) {
    server.serve_channels({.open_channels = {"quiet", "loud"}});
    server.stream("/both", [&hub = server.hub()](tidings::Request, tidings::Loop& loop) {
      return both({hub.channel("quiet"), hub.channel("loud")}, loop);
    });
  });
}
