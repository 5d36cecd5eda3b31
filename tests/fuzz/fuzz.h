// What the fuzz targets share: how a broken invariant ends the process, and how an input decides where it is cut.
// Plain functions for libFuzzer's process (tools/fuzz.sh) and for the replay of the corpora (replay.cc). One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace tidings::fuzz {

// Ends the process with the sentence unless `holds`: libFuzzer then keeps the input.
inline void expect(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "broken invariant: %s\n", sentence);
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Bytes and the sizes of the chunks that they come in. The last FF of an input divides the two: each byte after it is
// a size, and they are gone through again and again. Without an FF, the bytes come one by one. So any file is an input.
class Chunked {
 public:
  explicit Chunked(std::string_view input)
      : bytes_(input.substr(0, input.rfind('\xFF'))), sizes_(input.substr(std::min(bytes_.size() + 1, input.size()))) {}

  std::string_view bytes() const { return bytes_; }

  // Calls `visit` with each chunk in order; a chunk may be empty. A chunk is gone after its visit, and ends where the
  // memory does: what reads on or looks back is caught.
  template <class Visit>
  void for_each(Visit visit) const {
    std::vector<char> memory(bytes_.size());
    std::string_view rest = bytes_;
    for (std::size_t turn = 0; !rest.empty(); ++turn) {
      const std::size_t size = std::min(size_at(turn), rest.size());
      char* const chunk = memory.data() + memory.size() - size;
      std::copy_n(rest.data(), size, chunk);
      visit(std::string_view(chunk, size));
      std::fill_n(chunk, size, '#');
      rest.remove_prefix(size);
    }
  }

 private:
  std::size_t size_at(std::size_t turn) const {
    if (sizes_.empty()) return 1;
    const auto size = static_cast<unsigned char>(sizes_[turn % sizes_.size()]);
    const bool is_stuck = turn >= sizes_.size() && sizes_.find_first_not_of('\0') == std::string_view::npos;
    return is_stuck ? 1 : size;
  }

  std::string_view bytes_, sizes_;
};

}  // namespace tidings::fuzz
