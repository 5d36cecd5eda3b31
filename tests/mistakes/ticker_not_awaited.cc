// Kind: A forgotten `co_await`
// Mistake: `ticker.next();`
// Says: Nothing waits until this is awaited: write co_await before it.
#include "tidings/server/server.h"

using namespace std::chrono_literals;

tidings::EventStream clock(tidings::Request, tidings::Loop& loop) {
  for (tidings::Ticker ticker = loop.every(1s);;) {
    ticker.next();
    co_yield tidings::Event("tick");
  }
}
