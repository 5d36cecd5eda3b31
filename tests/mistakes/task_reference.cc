// Kind: A generator that outlives what it was given
// Mistake: `Task<> greet(Loop& loop, const std::string& name)`
// Says: What a const reference, an rvalue reference or a view stands for may be gone when the task goes on: take the
// parameter by value.
#include <string>

#include "tidings/server/awaiting/task.h"
#include "tidings/server/server.h"

tidings::Task<> greet(tidings::Loop& loop, const std::string& name) {
  co_await loop.sleep(std::chrono::seconds(name.size()));
}
