// A text that JavaScript hands to a C++ function (text.js). It lies in WebAssembly's memory, and the function that is
// called owns it. The page has one thread.
#pragma once

#include <cstddef>
#include <string_view>

// Marks a function that JavaScript calls, so that it is kept and exported. It does what Emscripten's
// EMSCRIPTEN_KEEPALIVE does, and means nothing to a native test.
#define TIDINGS_CALLED_BY_JS __attribute__((used))

namespace tidings {

class Text {
 public:
  Text(char* begin, std::size_t length) : begin_(begin), length_(length) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { delete[] begin_; }
  operator std::string_view() const { return {begin_, length_}; }

 private:
  char* begin_;
  std::size_t length_;
};

}  // namespace tidings
