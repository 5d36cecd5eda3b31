// Event streams in the shapes that hurt parsers, for the codec's benchmarks on both sides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::bench {

struct StreamShape {
  std::string name;
  std::string bytes;
  std::size_t chunk_bytes;  // fed at a time
};

// `text` over and over, whole, for about `bytes` bytes and at least once.
inline std::string repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  do {
    out += text;
  } while (out.size() + text.size() <= bytes);
  return out;
}

// One event whose only line is this long.
inline std::string one_line(std::size_t bytes) { return "data: " + std::string(bytes - 6, 'x') + "\n\n"; }

inline std::vector<StreamShape> stream_shapes() {
  constexpr std::size_t kBytes = 1 << 20, kLarge = 64 << 10;
  const std::string text = "The quick brown fox jumps over the lazy dog while 0123456789 watch. ";
  const std::string line = repeated(text, 80).substr(0, 80);
  std::string many_lines;
  for (int i = 0; i < 500; ++i) many_lines += "data: " + line + '\n';
  return {
      {"data only, 1 KiB events", repeated("data: " + repeated(text, 1024) + "\n\n", kBytes), kLarge},
      {"data only, 100 B events", repeated("data: " + repeated(text, 100) + "\n\n", kBytes), kLarge},
      {"named", repeated("event: tick\ndata: " + line + "\n\n", kBytes), kLarge},
      {"identified", repeated("id: 1795573408\ndata: " + line + "\n\n", kBytes), kLarge},
      {"CRLF", repeated("event: tick\r\ndata: " + line + "\r\n\r\n", kBytes), kLarge},
      {"multi-byte text",
       repeated("data: " + repeated("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xF0\x9F\x93\xB0", 1024) + "\n\n", kBytes),
       kLarge},
      {"heartbeats", repeated(":\n\n", kBytes), kLarge},
      {"500 lines of 80 bytes", repeated(many_lines + '\n', kBytes), kLarge},
      {"invalid lines", repeated("no field of any name\n", kBytes), kLarge},
      {"one byte at a time", repeated("data: " + line + "\n\n", kBytes / 8), 1},
      {"1 KiB line, 4 bytes at a time", repeated(one_line(1 << 10), kBytes), 4},
      {"256 KiB line, 4 bytes at a time", one_line(256 << 10), 4},
      {"1 MiB line, 4 bytes at a time", one_line(1 << 20), 4},
  };
}

}  // namespace tidings::bench
