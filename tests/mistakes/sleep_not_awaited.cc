// Kind: A forgotten `co_await`
// Mistake: `loop.sleep(200ms);`
// Says: Nothing waits until this is awaited: write co_await before it.
#include "tidings/server/server.h"

using namespace std::chrono_literals;

tidings::EventStream clock(tidings::Request, tidings::Loop& loop) {
  for (;;) {
    loop.sleep(200ms);
    co_yield tidings::Event("tick");
  }
}
