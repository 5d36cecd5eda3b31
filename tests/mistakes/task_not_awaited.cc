// Kind: A forgotten `co_await`
// Mistake: `greet("Ada", loop);`, where that gives a `Task`
// Says: A Task does nothing until it is awaited: write co_await before it.
#include <string>

#include "tidings/server/awaiting/task.h"
#include "tidings/server/server.h"

tidings::Task<> greet(std::string name, tidings::Loop& loop);

tidings::EventStream greets(tidings::Request, tidings::Loop& loop) {
  greet("Ada", loop);
  co_yield tidings::Event("greeted");
}
