// Takes the chunk framing off a response's body (RFC 9112, section "Chunked Transfer Coding"); trailers are not told
// apart from the end. One thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tidings::bench {

class ChunkedBody {
 public:
  // Calls `take` with each piece of the content, views into `bytes`. False once the body has ended or is malformed.
  template <class Take>
  bool feed(std::string_view bytes, Take take) {
    while (!bytes.empty()) {
      if (state_ == State::kContent) {
        const std::size_t count = std::min(left_, bytes.size());
        take(bytes.substr(0, count));
        bytes.remove_prefix(count);
        left_ -= count;
        if (left_ == 0) state_ = State::kContentEnd;
        continue;
      }
      const char c = bytes.front();
      bytes.remove_prefix(1);
      if (state_ == State::kContentEnd) {
        if (c == '\n') state_ = State::kSize;
      } else if (c == '\n') {
        if (left_ == 0) return false;
        state_ = State::kContent;
      } else if (const int digit = hex(c); digit >= 0 && state_ == State::kSize) {
        left_ = left_ * 16 + static_cast<std::size_t>(digit);
      } else {
        state_ = State::kExtension;
      }
    }
    return true;
  }

 private:
  enum class State { kSize, kExtension, kContent, kContentEnd };

  static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  }

  State state_ = State::kSize;
  std::size_t left_ = 0;  // of the chunk's content
};

}  // namespace tidings::bench
