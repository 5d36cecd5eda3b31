// Kind: Something that can't be awaited so
// Mistake: `co_await on_worker(loop, [path] { return count_lines(path); })`
// Says: What a lambda captures is destroyed twice in a co_await by g++ 12, and what it refers to may be gone before the
// work is done: give on_worker() a function, or a lambda without captures, and behind it the arguments, which are
// copied.
#include <cstddef>
#include <string>

#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/server.h"

std::size_t count_lines(const std::string& path);

tidings::EventStream lines(std::string path, tidings::Loop& loop) {
  const std::size_t count = co_await tidings::on_worker(loop, [path] { return count_lines(path); });
  co_yield tidings::Event(std::to_string(count));
}
