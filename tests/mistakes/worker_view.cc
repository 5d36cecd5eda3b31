// Kind: Something that can't be awaited so
// Mistake: `co_await on_worker(loop, count_lines, std::string_view(path))`
// Says: What a view stands for may be gone before the work is done: give a value, a std::string for example.
#include <cstddef>
#include <string>
#include <string_view>

#include "tidings/server/awaiting/on_worker.h"
#include "tidings/server/server.h"

std::size_t count_lines(std::string_view path);

tidings::EventStream lines(std::string path, tidings::Loop& loop) {
  const std::size_t count = co_await tidings::on_worker(loop, count_lines, std::string_view(path));
  co_yield tidings::Event(std::to_string(count));
}
