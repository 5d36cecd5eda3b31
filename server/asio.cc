#include "tidings/server/asio.h"

#include <memory>
#include <utility>

#include "tidings/server/loop/event_loop.h"
#include "tidings/server/loop/loop_context.h"

namespace tidings {

asio::io_context& io_context_of(Loop& loop) {
  if (auto* const made_of_one = dynamic_cast<EventLoop*>(&loop)) return made_of_one->context();
  throw std::logic_error("This Loop is made of no io_context: a server's is.");
}

ServerOptions on_context(asio::io_context& context, ServerOptions options) {
  options.programs_context = std::make_shared<ProgramsContext>(ProgramsContext{context});
  return options;
}

}  // namespace tidings
