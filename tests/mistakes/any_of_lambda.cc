// Kind: Something that can't be awaited so
// Mistake: `co_await any_of([&] { return read(); }, loop.sleep(1s))`
// Says: This can't be awaited: it has no await_ready(), await_suspend() and await_resume(). A function that waits is a
// Task, and is called.
#include <chrono>

#include "tidings/server/awaiting/any_of.h"
#include "tidings/server/server.h"

using namespace std::chrono_literals;

tidings::Task<> read();

tidings::EventStream reads(tidings::Request, tidings::Loop& loop) {
  co_await tidings::any_of([&] { return read(); }, loop.sleep(1s));
  co_yield tidings::Event("read");
}
