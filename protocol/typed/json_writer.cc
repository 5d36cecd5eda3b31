#include "tidings/protocol/typed/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "tidings/protocol/utf8.h"

namespace tidings {
namespace {

using Kind = ValueType::Kind;

constexpr std::uint64_t kMostExact = std::uint64_t{1} << 53;  // of integers that a double holds, and all below it

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[32];
#if !defined(__cpp_lib_to_chars)
  // A standard library that can't write floating-point numbers yet: Emscripten's before LLVM 14.
  if constexpr (std::is_floating_point_v<Number>) {
    int count = std::numeric_limits<Number>::digits10;
    do std::snprintf(digits, sizeof digits, "%.*g", count, static_cast<double>(number));
    while (++count <= std::numeric_limits<Number>::max_digits10 &&
           static_cast<Number>(std::strtod(digits, nullptr)) != number);
    out += digits;
    return;
  } else
#endif
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

template <class Number>
Number load(const void* value) {
  Number number;
  std::memcpy(&number, value, sizeof number);
  return number;
}

std::int64_t load_signed(const void* value, std::size_t size) {
  switch (size) {
    case 1: return load<std::int8_t>(value);
    case 2: return load<std::int16_t>(value);
    case 4: return load<std::int32_t>(value);
    default: return load<std::int64_t>(value);
  }
}

std::uint64_t load_unsigned(const void* value, std::size_t size) {
  switch (size) {
    case 1: return load<std::uint8_t>(value);
    case 2: return load<std::uint16_t>(value);
    case 4: return load<std::uint32_t>(value);
    default: return load<std::uint64_t>(value);
  }
}

void append_signed(std::string& out, std::int64_t number) {
  const std::uint64_t size = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  const char* const quote = size > kMostExact ? "\"" : "";
  out += quote;
  append_number(out, number);
  out += quote;
}

void append_unsigned(std::string& out, std::uint64_t number) {
  const char* const quote = number > kMostExact ? "\"" : "";
  out += quote;
  append_number(out, number);
  out += quote;
}

template <class Number>
void append_real(std::string& out, Number number) {
  if (std::isfinite(number)) {
    append_number(out, number);
  } else {
    out += "null";
  }
}

void append_text(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && static_cast<unsigned char>(text[plain]) >= ' ' && text[plain] != '"' &&
           text[plain] != '\\') {
      ++plain;
    }
    append_utf8(text.substr(0, plain), out);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out += {kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
    }
  }
  out += '"';
}

void append_struct(std::string& out, const void* object, const Description& description);

void append(std::string& out, const void* value, const ValueType& type) {
  switch (type.kind) {
    case Kind::kBool: out += load<bool>(value) ? "true" : "false"; break;
    case Kind::kSigned: append_signed(out, load_signed(value, type.size)); break;
    case Kind::kUnsigned: append_unsigned(out, load_unsigned(value, type.size)); break;
    case Kind::kNumber:
      type.size == sizeof(float) ? append_real(out, load<float>(value)) : append_real(out, load<double>(value));
      break;
    case Kind::kText: append_text(out, *static_cast<const std::string*>(value)); break;
    case Kind::kStruct: append_struct(out, value, *type.members()); break;
    case Kind::kList:
      out += '[';
      for (std::size_t i = 0; const void* const element = type.at(value, i); ++i) {
        if (i > 0) out += ',';
        append(out, element, *type.element);
      }
      out += ']';
      break;
    case Kind::kOptional:
      if (const void* const element = type.at(value, 0)) {
        append(out, element, *type.element);
      } else {
        out += "null";
      }
      break;
  }
}

bool is_absent(const void* value, const ValueType& type) {
  return type.kind == Kind::kOptional && type.at(value, 0) == nullptr;
}

void append_struct(std::string& out, const void* object, const Description& description) {
  char separator = '{';
  for (std::size_t i = 0; i < description.count; ++i) {
    const Member& member = description.members[i];
    const void* const value = static_cast<const char*>(object) + member.offset;
    if (is_absent(value, *member.type)) continue;
    out += {separator, '"'};
    out += member.name;  // a C++ name, or what UTF-8 allows in one
    out += "\":";
    append(out, value, *member.type);
    separator = ',';
  }
  if (separator == '{') out += separator;
  out += '}';
}

}  // namespace

std::string to_json(const void* object, const Description& description) {
  std::string out;
  append_struct(out, object, description);
  return out;
}

}  // namespace tidings
