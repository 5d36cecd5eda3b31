// Messages to a generator, each taken once: a kitchen that gets what is ordered, or hears that nobody is hungry.
//
//   bazel run //examples:orders        then: curl -N http://localhost:9009/kitchen
//   curl -d soup http://localhost:9009/orders
#include <chrono>
#include <string>
#include <variant>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/awaiting/mailbox.h"
#include "tidings/server/program.h"

using namespace std::chrono_literals;

tidings::EventStream kitchen(tidings::Mailbox<std::string>& orders, tidings::Loop& loop) {
  for (;;) {
    const auto first = co_await tidings::any_of(orders.next(loop), loop.sleep(10s));
    if (first.index() == 1) {
      co_yield tidings::Event("idle", "Nobody is hungry.");
    } else if (const auto& order = std::get<0>(first)) {
      co_yield tidings::Event("order", *order);
    } else {
      co_return;  // there is no mailbox any more
    }
  }
}

int main(int argc, char** argv) {
  tidings::Mailbox<std::string> orders({.max = 100, .when_full = tidings::WhenFull::kRefuse});
  return tidings::run_program(argc, argv, [&orders](tidings::Server& server) {
    server.stream("/kitchen", [&orders](tidings::Request, tidings::Loop& loop) { return kitchen(orders, loop); });
    server.post("/orders", [&orders](const tidings::Request& request) {
      if (!orders.put(request.body)) throw tidings::Refusal(503, "A hundred orders wait: try again later.");
      return tidings::Answer{.status = 202, .body = "It is on its way to the kitchen.\n"};
    });
  });
}
