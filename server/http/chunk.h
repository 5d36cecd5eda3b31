// A part of a response's body as one chunk: its size, its bytes, a line end. Clients tell by the last chunk, which has
// no bytes, that a body has ended and was not cut off. Source: RFC 9112, "Chunked Transfer Coding". Pure: any thread.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace tidings {

// What stands before the bytes of a chunk.
class ChunkHead {
 public:
  // The head of a chunk of `size` bytes, at least one.
  explicit ChunkHead(std::size_t size) {
    char* const end = std::to_chars(text_.data(), text_.data() + text_.size(), size, 16).ptr;
    end[0] = '\r';
    end[1] = '\n';
    size_ = static_cast<std::size_t>(end - text_.data()) + 2;
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + 2> text_;
  std::size_t size_;
};

inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace tidings
