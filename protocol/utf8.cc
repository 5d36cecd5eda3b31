#include "tidings/protocol/utf8.h"

#include <cstdint>
#include <cstring>

namespace tidings {
namespace {

struct Sequence {
  std::size_t length;  // of a well-formed one; of an ill-formed one, its longest well-formed prefix, at least 1
  bool is_valid;
};

bool is_continuation(unsigned byte) { return (byte & 0xC0) == 0x80; }

// The sequence that starts at a byte of 0x80 or above. `size` is at least 1.
Sequence sequence_at(const unsigned char* bytes, std::size_t size) {
  const unsigned lead = bytes[0];
  std::size_t length = 0;
  unsigned lower = 0x80, upper = 0xBF;  // of the second byte
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) lower = 0xA0;  // no overlong forms
    if (lead == 0xED) upper = 0x9F;  // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) lower = 0x90;
    if (lead == 0xF4) upper = 0x8F;  // nothing above U+10FFFF
  }
  if (length == 0 || size < 2 || bytes[1] < lower || bytes[1] > upper) return {1, false};
  for (std::size_t i = 2; i < length; ++i) {
    if (i >= size || !is_continuation(bytes[i])) return {i, false};
  }
  return {length, true};
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t word;
    if (bytes[i] < 0x80 && i + sizeof word <= text.size()) {
      std::memcpy(&word, bytes + i, sizeof word);
      i += (word & 0x8080808080808080) == 0 ? sizeof word : 1;
      continue;
    }
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    const Sequence sequence = sequence_at(bytes + i, text.size() - i);
    if (!sequence.is_valid) break;
    i += sequence.length;
  }
  return i;
}

void append_utf8(std::string_view bytes, std::string& out) {
  for (;;) {
    const std::size_t valid = valid_utf8_prefix(bytes);
    out.append(bytes.substr(0, valid));
    bytes.remove_prefix(valid);
    if (bytes.empty()) return;
    const Sequence bad = sequence_at(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    out.append("\xEF\xBF\xBD");
    bytes.remove_prefix(bad.length);
  }
}

}  // namespace tidings
