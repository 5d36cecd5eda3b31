#include "client_wasm/text_buffer.h"

#include <memory>

namespace {

constexpr std::size_t kKept = 64 * 1024;  // a larger buffer is given back when a smaller one will do

std::unique_ptr<char[]> buffer;
std::size_t capacity = 0;

}  // namespace

extern "C" TIDINGS_CALLED_BY_JS char* tidings_text_buffer(std::size_t size) {
  if (size > capacity || (capacity > kKept && size <= kKept)) {
    buffer.reset();
    capacity = size < 1024 ? 1024 : size;
    buffer.reset(new char[capacity]);
  }
  return buffer.get();
}

namespace tidings {

TextBuffer::TextBuffer() : next_(buffer.get()) {}

std::string_view TextBuffer::take(std::size_t length) {
  const std::string_view text(next_, length);
  next_ += length;
  return text;
}

}  // namespace tidings
