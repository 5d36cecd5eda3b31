// Texts that JavaScript hands to C++ (text.js): memory of ours, which the function that is called owns. The page has
// one thread.
#pragma once

#include <cstddef>
#include <string_view>

// Of a function that JavaScript calls: kept and exported. It is Emscripten's EMSCRIPTEN_KEEPALIVE, and means nothing to
// a native test.
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
