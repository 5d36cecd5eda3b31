// Strings that JavaScript hands to C++: text_buffer.js writes them here, one after the other, and calls with their
// lengths. The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>

// Of a function that JavaScript calls: kept and exported. It is Emscripten's EMSCRIPTEN_KEEPALIVE, and means nothing to
// a native test.
#define TIDINGS_CALLED_BY_JS __attribute__((used))

namespace tidings {

// Takes the strings of the current call, in order. The views are valid until the call returns to JavaScript.
class TextBuffer {
 public:
  TextBuffer();
  std::string_view take(std::size_t length);

 private:
  const char* next_;
};

}  // namespace tidings
