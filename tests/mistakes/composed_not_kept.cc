// Kind: Something that can't be awaited so
// Mistake: `co_await asio::async_read(socket, buffer, use_loop(loop))`
// Says: A composed operation looks at its socket and its buffer once more when it is cancelled, and a generator's frame
// is gone by then: have both in something shared, and name that behind the loop, use_loop(loop, connection).
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>

#include "tidings/server/asio.h"
#include "tidings/server/server.h"

tidings::EventStream reads(tidings::Request, tidings::Loop& loop) {
  asio::ip::tcp::socket socket(tidings::io_context_of(loop));
  char bytes[4] = {};
  co_await asio::async_read(socket, asio::buffer(bytes), tidings::use_loop(loop));
  co_yield tidings::Event("read");
}
