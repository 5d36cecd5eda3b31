// A generator that publishes: who comes is announced to all who are there, and follows them from there on.
//
//   bazel run //examples:visitors [PORT]        then, in several terminals: curl -N http://localhost:9009/visitors
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "tidings/server/server.h"
#include "tidings/server/subscribers/subscription.h"

tidings::EventStream visitors(std::shared_ptr<tidings::Channel> channel, tidings::Loop& loop) {
  const std::string id = co_await channel->publish(tidings::Event("Somebody has come."), loop);
  co_yield tidings::Event("welcome", "You are " + id + '.');
  tidings::Subscription others(std::move(channel), loop, id);
  while (auto event = co_await others.next()) co_yield *event;
}

int main(int argc, char** argv) {
  tidings::ServerOptions options;
  if (argc > 1) options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  tidings::Server server(options);
  tidings::Hub& hub = server.hub();
  server.stream("/visitors",
                [&hub](tidings::Request, tidings::Loop& loop) { return visitors(hub.channel("visitors"), loop); });
  server.listen();
  server.stop_on_signals();
  std::printf("Listening on %s/visitors\n", server.url().c_str());
  std::fflush(stdout);
  server.run();
}
