#include "client_wasm/text_buffer.h"

#include <cstddef>
#include <memory>

namespace {

constexpr std::size_t kKept = 64 * 1024;  // a larger buffer is given back when a smaller one will do

struct Buffer {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;
};

Buffer buffers[2];
unsigned latest = 0;

}  // namespace

extern "C" TIDINGS_CALLED_BY_JS char* tidings_text_buffer(std::size_t size) {
  Buffer& buffer = buffers[latest ^= 1];
  if (size > buffer.capacity || (buffer.capacity > kKept && size <= kKept)) {
    buffer.bytes.reset();
    buffer.capacity = size < 1024 ? 1024 : size;
    buffer.bytes.reset(new char[buffer.capacity]);
  }
  return buffer.bytes.get();
}
