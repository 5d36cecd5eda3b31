// A whole program: an endpoint that is a generator, a channel to which a thread publishes, and a page that shows both.
//
//   bazel run //examples/robot        then open http://localhost:9009
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "tidings/server/program.h"

using namespace std::chrono_literals;

// One for each client: it goes on when the client can take the next event, and is destroyed when the client leaves.
tidings::EventStream elapsed(tidings::Request, tidings::Loop& loop) {
  tidings::Ticker ticker = loop.every(1s);
  for (int seconds = 1;; ++seconds) {
    co_await ticker.next();
    co_yield tidings::Event(std::to_string(seconds) + " s");
  }
}

// One for all: what takes long, or blocks, is on a thread of its own, and all who follow the channel get what it says.
void measure(const std::stop_token& stop, const std::shared_ptr<tidings::Channel>& channel) {
  for (int percent = 100; !stop.stop_requested(); percent = percent > 0 ? percent - 1 : 100) {
    channel->publish(tidings::Event("battery", std::to_string(percent) + " %"));
    std::this_thread::sleep_for(200ms);
  }
}

constexpr const char* kPage = R"(<!doctype html>
<title>A robot</title>
<p>Here for <output id="elapsed"></output>; battery: <output id="battery"></output></p>
<script>
  const show = (id) => ({ data }) => (document.getElementById(id).textContent = data);
  new EventSource("/elapsed").onmessage = show("elapsed");
  new EventSource("/channels/robot").addEventListener("battery", show("battery"));
</script>
)";

int main(int argc, char** argv) {
  std::jthread thread;  // stopped and joined at the end, after the server
  return tidings::run_program(argc, argv, [&thread](tidings::Server& server) {
    server.stream("/elapsed", elapsed);
    server.serve_channels();  // to follow: nobody publishes over HTTP
    server.get("/", [](const tidings::Request&) {
      return tidings::Answer{.content_type = "text/html; charset=utf-8", .body = kPage};
    });
    thread = std::jthread(measure, server.hub().channel("robot"));
  });
}
