// A text in memory of its own: one that JavaScript hands to a C++ function (text.js), or a copy. It is std::string's
// part that a page needs, for fewer bytes. The page has one thread.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

// Marks a function that JavaScript calls, so that it is kept and exported. It does what Emscripten's
// EMSCRIPTEN_KEEPALIVE does, and means nothing to a native test.
#define TIDINGS_CALLED_BY_JS __attribute__((used))

namespace tidings {

class Text {
 public:
  Text() = default;
  explicit Text(std::string_view text) : Text({text}) {}
  // Of these, one after the other.
  explicit Text(std::initializer_list<std::string_view> parts);
  // What JavaScript hands over belongs to it from now on.
  Text(char* begin, std::size_t length) : begin_(begin), length_(length) {}
  Text(Text&& other) noexcept
      : begin_(std::exchange(other.begin_, nullptr)), length_(std::exchange(other.length_, 0)) {}
  Text& operator=(Text other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(length_, other.length_);
    return *this;
  }
  ~Text() { delete[] begin_; }

  // Copies all that there is each time: for texts of a few parts.
  void append(std::string_view text) { *this = Text({*this, text}); }

  operator std::string_view() const { return {begin_, length_}; }

 private:
  char* begin_ = nullptr;
  std::size_t length_ = 0;
};

}  // namespace tidings
