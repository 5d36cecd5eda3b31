// Kind: Something that can't be awaited so
// Mistake: `auto nap = loop.sleep(1s); co_await any_of(nap, ticker.next());`
// Says: What has a name would go on waiting when another has come: give it as it is made, in the call, or by
// std::move().
#include <chrono>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/server.h"

using namespace std::chrono_literals;

tidings::EventStream naps(tidings::Request, tidings::Loop& loop) {
  tidings::Ticker ticker = loop.every(1s);
  auto nap = loop.sleep(1s);
  co_await tidings::any_of(nap, ticker.next());
  co_yield tidings::Event("awake");
}
