#include "tidings/protocol/line_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace tidings {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = 0x8080808080808080;

// The high bit of the first byte of the word that is zero, and perhaps of some above it; zero where no byte is.
constexpr std::uint64_t zero_bytes(std::uint64_t word) { return (word - kOnes) & ~word & kHighBits; }

std::uint64_t load(const char* bytes) {
  static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest");
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__)
constexpr bool kHasVectors = true;
#else
constexpr bool kHasVectors = false;
#endif

#ifdef __OPTIMIZE_SIZE__
constexpr bool kTakesWords = false;  // a page counts the bytes of its code
#else
constexpr bool kTakesWords = true;
#endif

// Vectors by the compilers' own extension, which both have for every machine.
using Vector [[gnu::vector_size(16)]] = unsigned char;

Vector load_vector(const char* bytes) {
  Vector vector;
  std::memcpy(&vector, bytes, sizeof vector);
  return vector;
}

// Whether any byte has a bit, and which.
std::uint64_t bits_of(Vector vector) {
  std::uint64_t halves[2];
  std::memcpy(halves, &vector, sizeof halves);
  return halves[0] | halves[1];
}

Vector lesser(Vector a, Vector b) { return a < b ? a : b; }

// Skips vectors without a line end, adding their bits to `all`; returns how many bytes. Line ends are among the least
// characters, so the least of four vectors tells at once of most that they hold none.
std::size_t skip_vectors(std::string_view bytes, std::uint64_t& all) {
  constexpr Vector kLineFeeds = Vector{} + static_cast<unsigned char>('\n');
  constexpr Vector kReturns = Vector{} + static_cast<unsigned char>('\r');
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  Vector seen{};
  for (; end - at >= 64; at += 64) {
    const Vector a = load_vector(at), b = load_vector(at + 16), c = load_vector(at + 32), d = load_vector(at + 48);
    const Vector least = lesser(lesser(a, b), lesser(c, d));
    if (bits_of(Vector(least <= kReturns)) != 0) break;
    seen |= (a | b) | (c | d);
  }
  for (; end - at >= 16; at += 16) {
    const Vector a = load_vector(at);
    if (bits_of(Vector((a == kLineFeeds) | (a == kReturns))) != 0) break;
    seen |= a;
  }
  all = bits_of(seen);
  return static_cast<std::size_t>(at - bytes.data());
}

}  // namespace

LineScan scan_line(std::string_view bytes) {
  if (!bytes.empty() && (bytes[0] == '\n' || bytes[0] == '\r')) return {0, true, true};  // every event has such a line
  std::size_t i = 0;
  std::uint64_t all = 0;  // the bits of every byte of the line so far
  if (kHasVectors && bytes.size() >= sizeof(Vector)) i = skip_vectors(bytes, all);
  for (; kTakesWords && i + sizeof all <= bytes.size(); i += sizeof all) {
    const std::uint64_t word = load(bytes.data() + i);
    const std::uint64_t ends = zero_bytes(word ^ (kOnes * '\n')) | zero_bytes(word ^ (kOnes * '\r'));
    if (ends != 0) {
      const int bits = std::countr_zero(ends) - 7;  // of the bytes before the end
      all |= word & ((std::uint64_t{1} << bits) - 1);
      return {i + static_cast<std::size_t>(bits) / 8, true, (all & kHighBits) == 0};
    }
    all |= word;
  }
  for (; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte == '\n' || byte == '\r') return {i, true, (all & kHighBits) == 0};
    all |= byte;
  }
  return {i, false, (all & kHighBits) == 0};
}

}  // namespace tidings
