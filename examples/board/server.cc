// Prices that change a thousand times a second, for a board on which people read them. The page is page.cc.
//
//   bazel run //examples/board        then open the page, or: curl -N http://localhost:9009/channels/prices
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <random>
#include <stop_token>
#include <string>
#include <thread>

#include "tidings/server/http/site.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

struct Share {
  std::string name;
  int cents;
};

// An exchange, which is a thread of its own.
void trade(const std::stop_token& stop, const std::shared_ptr<tidings::Channel>& prices) {
  std::array<Share, 8> shares{{{"Anvil", 4210},
                               {"Bellows", 990},
                               {"Crane", 17400},
                               {"Derrick", 2575},
                               {"Engine", 30015},
                               {"Forge", 8800},
                               {"Gantry", 640},
                               {"Hammer", 1999}}};
  std::minstd_rand random(7);
  while (!stop.stop_requested()) {
    Share& share = shares[random() % shares.size()];
    share.cents = std::max(100, share.cents + static_cast<int>(random() % 21) - 10);
    prices->publish(tidings::Event(share.name + ' ' + std::to_string(share.cents)));
    std::this_thread::sleep_for(1ms);
  }
}

int main(int argc, char** argv) {
  const tidings::Site site(tidings::site_files());
  std::jthread exchange;  // stopped and joined at the end, after the server
  const auto configure = [&](tidings::Server& server) {
    server.serve_channels();  // to follow: nobody publishes over HTTP
    server.get("/*file", [&site](const tidings::Request& request) {
      const std::string& name = request.captures.at(0);
      return site.answer(name.empty() ? "index.html" : name, request);
    });
    exchange = std::jthread(trade, server.hub().channel("prices"));
  };
  // What is published within 40 ms leaves in one write to each page, which costs the server less.
  tidings::ServerOptions options;
  options.channels.named = {{"prices", {.gather_time = 40ms}}};
  return tidings::run_program(argc, argv, configure, options);
}
