#include "protocol/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tidings {
namespace {

struct Step {
  std::size_t length;  // bytes taken; at least 1
  bool valid;
};

std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t i = 0;
  for (std::uint64_t word; i + sizeof word <= bytes.size(); i += sizeof word) {
    std::memcpy(&word, bytes.data() + i, sizeof word);
    if (word & 0x8080808080808080u) break;
  }
  while (i < bytes.size() && static_cast<unsigned char>(bytes[i]) < 0x80) ++i;
  return i;
}

// The sequence that starts at a byte of 0x80 or above. An ill-formed one takes its longest well-formed prefix.
Step step(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned lead = at(0);
  std::size_t needed = 0;
  unsigned lower = 0x80, upper = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    needed = 1;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    needed = 2;
    if (lead == 0xE0) lower = 0xA0;  // no overlong forms
    if (lead == 0xED) upper = 0x9F;  // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    needed = 3;
    if (lead == 0xF0) lower = 0x90;
    if (lead == 0xF4) upper = 0x8F;  // nothing above U+10FFFF
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i <= needed; ++i) {
    if (i >= bytes.size() || at(i) < lower || at(i) > upper) return {i, false};
    lower = 0x80;
    upper = 0xBF;
  }
  return {needed + 1, true};
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  for (;;) {
    bytes.remove_prefix(ascii_prefix(bytes));
    if (bytes.empty()) return true;
    const Step next = step(bytes);
    if (!next.valid) return false;
    bytes.remove_prefix(next.length);
  }
}

void append_utf8(std::string_view bytes, std::string& out) {
  std::size_t kept = 0;  // bytes at the front that are known to be valid
  while (kept < bytes.size()) {
    kept += ascii_prefix(bytes.substr(kept));
    if (kept == bytes.size()) break;
    const Step next = step(bytes.substr(kept));
    if (next.valid) {
      kept += next.length;
      continue;
    }
    out.append(bytes.substr(0, kept)).append("\xEF\xBF\xBD");
    bytes.remove_prefix(kept + next.length);
    kept = 0;
  }
  out.append(bytes);
}

}  // namespace tidings
