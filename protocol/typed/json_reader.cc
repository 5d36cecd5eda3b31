#include "tidings/protocol/typed/json_reader.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

namespace tidings {
namespace {

using Kind = ValueType::Kind;

constexpr unsigned kDeepest = 64;  // of lists and objects in each other
constexpr std::uint64_t kMostExact = std::uint64_t{1} << 53;
constexpr int kMostExactPower = 22;  // of ten, as a double
constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static_assert(std::endian::native == std::endian::little);  // the low bytes of an integer are those of a smaller one

constexpr std::string_view kNoJson = "is no JSON", kOutOfRange = "is out of range";

// Where in the text it is, for whoever has to be told.
struct Place {
  const Place* outer;
  std::string_view name;  // of a member; in a list empty
  std::size_t index = 0;  // in a list
};

void append_path(const Place& place, std::string& path) {
  if (place.outer == nullptr) return;
  append_path(*place.outer, path);
  if (place.name.empty()) {
    char digits[20];
    char* begin = digits + sizeof digits;
    std::size_t rest = place.index;
    do *--begin = static_cast<char>('0' + rest % 10);
    while (rest /= 10);
    path += '[';
    path.append(begin, digits + sizeof digits);
    path += ']';
  } else {
    if (!path.empty()) path += '.';
    path += place.name;
  }
}

struct Number {
  const char* begin;
  std::uint64_t digits = 0;  // all of them, as one integer
  int power = 0;             // of ten, by which that is multiplied
  bool is_negative = false;
  bool is_integer = true;
  bool has_more = false;  // digits than `digits` holds
};

class Reader {
 public:
  Reader(std::string_view text, TextToNumber to_number, JsonProblem& problem)
      : at_(text.data()), end_(at_ + text.size()), to_number_(to_number), problem_(problem) {}

  bool read(void* object, const Description& description) {
    const Place whole{nullptr, {}};
    if (!read_struct(object, description, whole, 0)) return false;
    skip_space();
    return at_ == end_ || fail(whole, kNoJson);
  }

 private:
  bool fail(const Place& place, std::string_view what) {
    problem_.path.clear();
    append_path(place, problem_.path);
    problem_.what = what;
    return false;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  // Behind white space.
  char next() {
    skip_space();
    return at_ == end_ ? '\0' : *at_;
  }
  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool take_digits(Number& number, bool is_fraction) {
    const char* const begin = at_;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      const auto digit = static_cast<unsigned>(*at_ - '0');
      if (number.digits > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) number.has_more = true;
      number.digits = number.digits * 10 + digit;
      if (is_fraction) --number.power;
    }
    return at_ != begin;
  }

  bool take_number(Number& number) {
    number.begin = at_;
    number.is_negative = take_word("-");
    const char* const first = at_;
    if (!take_digits(number, false) || (*first == '0' && at_ - first > 1)) return false;
    if (take_word(".")) {
      number.is_integer = false;
      if (!take_digits(number, true)) return false;
    }
    if (take_word("e") || take_word("E")) {
      number.is_integer = false;
      const bool is_negative = take_word("-");
      if (!is_negative) take_word("+");
      Number power{at_};
      if (!take_digits(power, false)) return false;
      const int size = power.digits > 9999 || power.has_more ? 9999 : static_cast<int>(power.digits);
      number.power += is_negative ? -size : size;
    }
    return true;
  }

  double real(const Number& number) const {
    if (number.has_more || number.digits > kMostExact || number.power > kMostExactPower ||
        number.power < -kMostExactPower) {
      return to_number_(number.begin, static_cast<std::size_t>(at_ - number.begin));
    }
    const auto digits = static_cast<double>(number.digits);
    const double size = number.power < 0 ? digits / kPowers[-number.power] : digits * kPowers[number.power];
    return number.is_negative ? -size : size;
  }

  bool read_real(void* into, std::size_t size, const Place& place) {
    double value = std::numeric_limits<double>::quiet_NaN();
    if (!take_word("null")) {
      Number number{};
      if (!take_number(number)) return fail(place, "is no number");
      value = real(number);
      if (value - value != 0) return fail(place, kOutOfRange);  // infinite
    }
    if (size == sizeof(float)) {
      constexpr double kMost = std::numeric_limits<float>::max();
      if (value > kMost || value < -kMost) return fail(place, kOutOfRange);
      const auto shorter = static_cast<float>(value);
      std::memcpy(into, &shorter, sizeof shorter);
    } else {
      std::memcpy(into, &value, sizeof value);
    }
    return true;
  }

  bool read_integer(void* into, const ValueType& type, const Place& place) {
    const bool is_text = type.size == 8 && take('"');
    Number number{};
    if (!take_number(number) || !number.is_integer || (is_text && !take_word("\""))) {
      return fail(place, "is no integer");
    }
    const bool is_signed = type.kind == Kind::kSigned;
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max() >> (64 - 8 * type.size);
    if (is_signed) most = most / 2 + number.is_negative;
    if (!is_signed && number.is_negative) most = 0;
    if (number.has_more || number.digits > most) return fail(place, kOutOfRange);
    const std::uint64_t value = number.is_negative ? 0 - number.digits : number.digits;
    std::memcpy(into, &value, type.size);
    return true;
  }

  bool take_hex(unsigned& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == end_) return false;
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

  // Behind \u. Half a surrogate pair is U+FFFD.
  bool take_code_point(std::string& out) {
    unsigned unit, low;
    if (!take_hex(unit)) return false;
    if (unit >= 0xD800 && unit < 0xE000) {
      const char* const behind = at_;
      if (unit < 0xDC00 && take_word("\\u") && take_hex(low) && low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      } else {
        unit = 0xFFFD;
        at_ = behind;
      }
    }
    const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
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

  // Without an `out` it is left aside.
  bool take_text(std::string* out) {
    static constexpr std::string_view kEscapes = "\"\\/bfnrt", kEscaped = "\"\\/\b\f\n\r\t";
    std::string left;
    std::string& text = out ? *out : left;
    text.clear();
    if (!take('"')) return false;
    for (const char* begin = at_;; begin = at_) {
      while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= ' ') ++at_;
      if (out) text.append(begin, at_);
      if (at_ == end_) return false;
      const char c = *at_++;
      if (c == '"') return true;
      if (c != '\\' || at_ == end_) return false;
      const char escape = *at_++;
      const std::size_t which = kEscapes.find(escape);
      if (which != kEscapes.npos) {
        text += kEscaped[which];
      } else if (escape != 'u' || !take_code_point(text)) {
        return false;
      }
    }
  }

  // A value that nobody wants.
  bool skip(unsigned depth) {
    const char first = next();
    if (first == '"') return take_text(nullptr);
    if (first != '{' && first != '[') {
      Number number{};
      return take_word("true") || take_word("false") || take_word("null") || take_number(number);
    }
    if (depth == kDeepest) return false;
    const char last = first == '{' ? '}' : ']';
    ++at_;
    if (take(last)) return true;
    do {
      if (first == '{' && !(take_text(nullptr) && take(':'))) return false;
      if (!skip(depth + 1)) return false;
    } while (take(','));
    return take(last);
  }

  bool read_value(void* into, const ValueType& type, const Place& place, unsigned depth) {
    const char first = next();
    switch (type.kind) {
      case Kind::kBool: {
        const bool is_true = take_word("true");
        if (!is_true && !take_word("false")) return fail(place, "is neither true nor false");
        std::memcpy(into, &is_true, sizeof is_true);
        return true;
      }
      case Kind::kNumber: return read_real(into, type.size, place);
      case Kind::kText: return take_text(static_cast<std::string*>(into)) || fail(place, "is no text");
      case Kind::kStruct: return read_struct(into, *type.members(), place, depth);
      case Kind::kList: return read_list(into, type, place, depth);
      case Kind::kOptional:
        type.clear(into);
        if (first == 'n' && take_word("null")) return true;
        return read_value(type.add(into), *type.element, place, depth);
      default: return read_integer(into, type, place);
    }
  }

  bool read_list(void* into, const ValueType& type, const Place& place, unsigned depth) {
    type.clear(into);
    if (depth == kDeepest || !take('[')) return fail(place, "is no list");
    if (take(']')) return true;
    Place element{&place, {}};
    do {
      if (!read_value(type.add(into), *type.element, element, depth + 1)) return false;
      ++element.index;
    } while (take(','));
    return take(']') || fail(place, kNoJson);
  }

  bool read_struct(void* into, const Description& description, const Place& place, unsigned depth) {
    if (depth == kDeepest || !take('{')) return fail(place, "is no object");
    std::uint64_t seen = 0;
    if (!take('}')) {
      std::size_t expected = 0;  // members come in their order, most of the time
      do {
        skip_space();
        if (!take_text(&name_) || !take(':')) return fail(place, kNoJson);
        std::size_t i = 0;
        while (i < description.count && description.members[expected].name != name_) {
          ++i;
          if (++expected == description.count) expected = 0;
        }
        if (i == description.count) {
          if (!skip(depth + 1)) return fail(place, kNoJson);
          continue;
        }
        const Member& member = description.members[expected];
        seen |= std::uint64_t{1} << expected;
        const Place inner{&place, member.name};
        if (!read_value(static_cast<char*>(into) + member.offset, *member.type, inner, depth + 1)) return false;
        if (++expected == description.count) expected = 0;
      } while (take(','));
      if (!take('}')) return fail(place, kNoJson);
    }
    for (std::size_t i = 0; i < description.count; ++i) {
      const Member& member = description.members[i];
      if (!(seen >> i & 1) && !member.may_be_missing && member.type->kind != Kind::kOptional) {
        return fail(Place{&place, member.name}, "is missing");
      }
    }
    return true;
  }

  const char* at_;
  const char* const end_;
  const TextToNumber to_number_;
  JsonProblem& problem_;
  std::string name_;  // of the member that is read
};

}  // namespace

bool from_json(std::string_view text, void* object, const Description& description, TextToNumber to_number,
               JsonProblem& problem) {
  return Reader(text, to_number, problem).read(object, description);
}

}  // namespace tidings
