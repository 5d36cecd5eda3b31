#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

#include "tidings/protocol/typed/json_reader.h"

namespace tidings {
namespace {

double number(const char* text, std::size_t length) {
#if defined(__cpp_lib_to_chars)
  double number = 0;
  const auto [end, error] = std::from_chars(text, text + length, number);
  if (error != std::errc::result_out_of_range) return number;
#endif
  // What is too large is infinite here, and what is too small is 0. The locale is the program's, which a server leaves
  // as it is at first.
  return std::strtod(std::string(text, length).c_str(), nullptr);
}

// Of a text with escapes. There is always another character: the text ends with its quote.
class Unescaper {
 public:
  Unescaper(const char* at, char* into) : at_(at), begin_(into), into_(into) {}

  std::size_t run() {
    for (++at_; *at_ != '"';) {
      const char c = *at_++;
      if (c != '\\') {
        put(static_cast<unsigned char>(c));
      } else if (!take_escape(*at_++)) {
        return std::string_view::npos;
      }
    }
    return static_cast<std::size_t>(into_ - begin_);
  }

 private:
  bool take_escape(char escape) {
    static constexpr std::string_view kEscapes = "\"\\/bfnrt", kEscaped = "\"\\/\b\f\n\r\t";
    if (escape == 'u') return take_code_point();
    const std::size_t which = kEscapes.find(escape);
    if (which == kEscapes.npos) return false;
    *into_++ = kEscaped[which];
    return true;
  }

  bool take_hex(unsigned& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const unsigned char c = static_cast<unsigned char>(*at_);
      const unsigned letter = (c | 0x20u) - 'a';
      if (c >= '0' && c <= '9') {
        unit = unit * 16 + (c - '0');
      } else if (letter < 6) {
        unit = unit * 16 + 10 + letter;
      } else {
        return false;
      }
    }
    return true;
  }

  // Behind \u.
  bool take_code_point() {
    unsigned unit, low;
    if (!take_hex(unit)) return false;
    if (unit >= 0xD800 && unit < 0xE000) {
      const char* const behind = at_;
      const bool is_pair = unit < 0xDC00 && at_[0] == '\\' && at_[1] == 'u';
      if (is_pair && (at_ += 2, take_hex(low)) && low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      } else {
        unit = 0xFFFD;
        at_ = behind;
      }
    }
    if (unit < 0x80) {
      put(unit);
      return true;
    }
    if (unit < 0x800) {
      put(0xC0 | unit >> 6);
    } else {
      if (unit < 0x10000) {
        put(0xE0 | unit >> 12);
      } else {
        put(0xF0 | unit >> 18);
        put(0x80 | (unit >> 12 & 63));
      }
      put(0x80 | (unit >> 6 & 63));
    }
    put(0x80 | (unit & 63));
    return true;
  }

  void put(unsigned byte) { *into_++ = static_cast<char>(byte); }

  const char* at_;
  char* const begin_;
  char* into_;
};

std::size_t text(const char* text, std::size_t, char* into) { return Unescaper(text, into).run(); }

}  // namespace

constinit const JsonHelp kJsonHelp{number, text};

}  // namespace tidings
