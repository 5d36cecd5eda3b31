#include "tidings/protocol/typed/json_reader.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>

namespace tidings {
namespace {

using Kind = ValueType::Kind;

constexpr unsigned kDeepest = 64;  // of lists and objects in each other
constexpr std::uint64_t kMostExact = std::uint64_t{1} << 53;
constexpr int kMostExactPower = 22;                         // of ten, as a double
static_assert(std::endian::native == std::endian::little);  // the low bytes of an integer are those of a smaller one

constexpr const char* kNoJson = "is no JSON";
constexpr const char* kOutOfRange = "is out of range";

// What nobody wants is read as this, which no member is, and left aside.
constexpr Kind kAny{255};
extern const ValueType kAnything;
constinit const ValueType kAnything = {
    .kind = kAny, .element = &kAnything, .add = [](void*) -> void* { return nullptr; }, .clear = [](void*) {}};
constexpr Description kNothing{nullptr, 0};

// Where in the text it is, for whoever has to be told.
struct Place {
  const Place* outer = nullptr;
  std::string_view name = {};  // of a member; in a list empty
  std::size_t index = 0;       // in a list
  unsigned depth = 0;

  Place inner(std::string_view member) const { return {this, member, 0, depth + 1}; }
};

// As points[3].x. It is written from its end, which is where a place is.
std::string path_of(const Place& place) {
  std::size_t most = 0;
  for (const Place* at = &place; at->outer != nullptr; at = at->outer)
    most += at->name.size() + sizeof "[18446744073709551615]";
  const std::unique_ptr<char[]> text(new char[most]);
  char* const end = text.get() + most;
  char* begin = end;
  for (const Place* at = &place; at->outer != nullptr; at = at->outer) {
    if (at->name.empty()) {
      *--begin = ']';
      std::size_t rest = at->index;
      do *--begin = static_cast<char>('0' + rest % 10);
      while (rest /= 10);
      *--begin = '[';
    } else {
      begin -= at->name.size();
      at->name.copy(begin, at->name.size());
      if (at->depth > 1) *--begin = '.';
    }
  }
  return std::string(begin, static_cast<std::size_t>(end - begin));
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
  Reader(std::string_view text, const JsonHelp& help, JsonProblem& problem)
      : at_(text.data()), end_(at_ + text.size()), help_(help), problem_(problem) {}

  bool read(void* object, const Description& description) {
    const Place whole{};
    if (!read_struct(object, description, whole)) return false;
    next();
    return at_ == end_ || fail(whole, kNoJson);
  }

 private:
  bool fail(const Place& place, const char* what) {
    problem_.path = path_of(place);
    problem_.what = what;
    return false;
  }

  // Behind white space; NUL at the end.
  char next() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  bool take(char c) {
    next();
    return take_here(c);
  }
  bool take_here(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool take_word(const char* word) {
    const char* at = at_;
    for (; *word != '\0'; ++word, ++at) {
      if (at == end_ || *at != *word) return false;
    }
    at_ = at;
    return true;
  }

  bool take_digits(Number& number, bool is_fraction) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() / 10, kLast = kMost * 10 + 5;
    static_assert(kLast == std::numeric_limits<std::uint64_t>::max());
    const char* const begin = at_;
    for (; at_ != end_; ++at_) {
      const unsigned digit = static_cast<unsigned char>(*at_) - unsigned{'0'};
      if (digit > 9) break;
      if (number.digits > kMost || (number.digits == kMost && digit > 5)) number.has_more = true;
      number.digits = number.digits * 10 + digit;
      if (is_fraction) --number.power;
    }
    return at_ != begin;
  }

  bool take_number(Number& number) {
    number.begin = at_;
    number.is_negative = take_here('-');
    const char* const first = at_;
    if (!take_digits(number, false) || (*first == '0' && at_ - first > 1)) return false;
    if (take_here('.')) {
      number.is_integer = false;
      if (!take_digits(number, true)) return false;
    }
    if (take_here('e') || take_here('E')) {
      number.is_integer = false;
      const bool is_negative = take_here('-');
      if (!is_negative) take_here('+');
      Number power{at_};
      if (!take_digits(power, false)) return false;
      const int size = power.digits > 9999 || power.has_more ? 9999 : static_cast<int>(power.digits);
      number.power += is_negative ? -size : size;
    }
    return true;
  }

  double real(const Number& number) const {
    int power = number.power < 0 ? -number.power : number.power;
    if (number.has_more || number.digits > kMostExact || power > kMostExactPower) {
      return help_.number(number.begin, static_cast<std::size_t>(at_ - number.begin));
    }
    double scale = 1;
    while (power-- > 0) scale *= 10;
    const auto digits = static_cast<double>(number.digits);
    const double size = number.power < 0 ? digits / scale : digits * scale;
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
    if (!take_number(number) || !number.is_integer || (is_text && !take_here('"'))) {
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

  // What a text stands for: it is in the JSON itself, or in `unescaped_` until the next one is taken.
  bool take_text(std::string_view& text) {
    if (!take('"')) return false;
    const char* const begin = at_;
    bool has_escapes = false;
    for (;; ++at_) {
      if (at_ == end_ || static_cast<unsigned char>(*at_) < ' ') return false;
      if (*at_ == '"') break;
      if (*at_ != '\\') continue;
      has_escapes = true;
      if (++at_ == end_) return false;
    }
    std::size_t size = static_cast<std::size_t>(at_++ - begin);
    text = {begin, size};
    if (!has_escapes) return true;
    unescaped_.reset(new char[size]);
    size = help_.text(begin - 1, size + 2, unescaped_.get());
    text = {unescaped_.get(), size};
    return size != text.npos;
  }

  bool read_value(void* into, const ValueType& type, const Place& place) {
    const char first = next();
    std::string_view text;
    if (type.kind == kAny) {
      if (first == '"') return take_text(text);
      if (first == '{') return read_struct(into, kNothing, place);
      if (first == '[') return read_list(into, type, place);
      Number number{};
      return take_word("true") || take_word("false") || take_word("null") || take_number(number);
    }
    switch (type.kind) {
      case Kind::kBool: {
        const bool is_true = take_word("true");
        if (!is_true && !take_word("false")) return fail(place, "is neither true nor false");
        std::memcpy(into, &is_true, sizeof is_true);
        return true;
      }
      case Kind::kNumber: return read_real(into, type.size, place);
      case Kind::kText:
        if (!take_text(text)) return fail(place, "is no text");
        *static_cast<std::string*>(into) = std::string(text);
        return true;
      case Kind::kStruct: return read_struct(into, *type.members(), place);
      case Kind::kList: return read_list(into, type, place);
      case Kind::kOptional:
        type.clear(into);
        if (take_word("null")) return true;
        return read_value(type.add(into), *type.element, place);
      default: return read_integer(into, type, place);
    }
  }

  bool read_list(void* into, const ValueType& type, const Place& place) {
    type.clear(into);
    if (place.depth == kDeepest || !take('[')) return fail(place, "is no list");
    if (take(']')) return true;
    Place element = place.inner({});
    do {
      if (!read_value(type.add(into), *type.element, element)) return false;
      ++element.index;
    } while (take(','));
    return take(']') || fail(place, kNoJson);
  }

  bool read_struct(void* into, const Description& description, const Place& place) {
    if (place.depth == kDeepest || !take('{')) return fail(place, "is no object");
    std::uint64_t seen = 0;
    if (!take('}')) {
      std::size_t expected = 0;  // members come in their order, most of the time
      do {
        std::string_view name;
        if (!take_text(name) || !take(':')) return fail(place, kNoJson);
        std::size_t i = 0;
        while (i < description.count && description.members[expected].name != name) {
          ++i;
          if (++expected == description.count) expected = 0;
        }
        if (i == description.count) {
          if (!read_value(nullptr, kAnything, place.inner({}))) return fail(place, kNoJson);
          continue;
        }
        const Member& member = description.members[expected];
        seen |= std::uint64_t{1} << expected;
        if (!read_value(static_cast<char*>(into) + member.offset, *member.type, place.inner(member.name))) return false;
        if (++expected == description.count) expected = 0;
      } while (take(','));
      if (!take('}')) return fail(place, kNoJson);
    }
    for (std::size_t i = 0; i < description.count; ++i) {
      const Member& member = description.members[i];
      if (!(seen >> i & 1) && !member.may_be_missing && member.type->kind != Kind::kOptional) {
        return fail(place.inner(member.name), "is missing");
      }
    }
    return true;
  }

  const char* at_;
  const char* const end_;
  const JsonHelp& help_;
  JsonProblem& problem_;
  std::unique_ptr<char[]> unescaped_;
};

}  // namespace

bool from_json(std::string_view text, void* object, const Description& description, const JsonHelp& help,
               JsonProblem& problem) {
  return Reader(text, help, problem).read(object, description);
}

}  // namespace tidings
