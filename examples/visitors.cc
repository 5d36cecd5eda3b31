// A generator that publishes: who comes is announced to all who are there, and follows them from there on.
//
//   bazel run //examples:visitors        then, in several terminals: curl -N http://localhost:9009/visitors
#include <memory>
#include <string>
#include <utility>

#include "tidings/server/program.h"
#include "tidings/server/subscribers/subscription.h"

tidings::EventStream visitors(std::shared_ptr<tidings::Channel> channel, tidings::Loop& loop) {
  const std::string id = co_await channel->publish(tidings::Event("Somebody has come."), loop);
  co_yield tidings::Event("welcome", "You are " + id + '.');
  tidings::Subscription others(std::move(channel), loop, id);
  while (auto event = co_await others.next()) co_yield *event;
}

int main(int argc, char** argv) {
  return tidings::run_program(argc, argv, [](tidings::Server& server) {
    server.stream("/visitors", [&hub = server.hub()](tidings::Request, tidings::Loop& loop) {
      return visitors(hub.channel("visitors"), loop);
    });
  });
}
