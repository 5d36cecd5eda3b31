// What a struct is made of that goes over the wire as JSON, as tables that one reader and one writer go by: so a struct
// more costs a page its table, and no code. Made by the macros of typed.h. Immutable: any thread.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tidings {

struct Description;

// How a value of one type is read and written.
struct ValueType {
  enum class Kind : unsigned char { kBool, kSigned, kUnsigned, kNumber, kText, kStruct, kList, kOptional };

  Kind kind;
  unsigned char size = 0;                // of a number, in bytes
  const Description* (*members)() = {};  // of a struct
  const ValueType* element = {};         // of a list, or of what may be absent
  void* (*add)(void* value) = {};        // makes an element at the end of a list, or the value of an optional
  void (*clear)(void* value) = {};       // of a list or an optional
  // The element of this number; null where there are no more.
  const void* (*at)(const void* value, std::size_t index) = {};
};

struct Member {
  std::string_view name;
  std::size_t offset;
  const ValueType* type;
  bool may_be_missing;  // then it keeps what the struct has by itself
};

struct Description {
  static constexpr std::size_t kMostMembers = 64;

  const Member* members;
  std::size_t count;
};

// A struct that TIDINGS_STRUCT or TIDINGS_EVENT has described.
template <class T>
concept Described = requires(const T* object) {
  tidings_describe(object);
};
// One that has an event type: TIDINGS_EVENT.
template <class T>
concept TypedEvent = Described<T> && requires(const T* object) {
  tidings_event_type(object);
};

template <Described T>
const Description* describe() {
  return &tidings_describe(static_cast<const T*>(nullptr));
}

template <class T>
struct ValueTypeOf {
  static_assert(
      Described<T>,
      "This type has no description: put TIDINGS_STRUCT(Type, member, ...) behind the struct, in its namespace. "
      "Members may be bool, numbers, std::string, described structs, and std::vector and std::optional of these.");
  static constexpr ValueType kType{.kind = ValueType::Kind::kStruct, .members = describe<T>};
};

template <class T>
requires std::is_arithmetic_v<T>
struct ValueTypeOf<T> {
  static_assert(sizeof(T) <= 8, "A long double has no place in JSON: use a double.");
  static_assert(!std::is_same_v<T, char>, "A char is a number or a text: say which, by signed char or std::string.");
  static constexpr ValueType kType{.kind = std::is_same_v<T, bool>       ? ValueType::Kind::kBool
                                           : std::is_floating_point_v<T> ? ValueType::Kind::kNumber
                                           : std::is_signed_v<T>         ? ValueType::Kind::kSigned
                                                                         : ValueType::Kind::kUnsigned,
                                   .size = sizeof(T)};
};

template <>
struct ValueTypeOf<std::string> {
  static constexpr ValueType kType{.kind = ValueType::Kind::kText};
};

template <class T>
struct ValueTypeOf<std::vector<T>> {
  static_assert(!std::is_same_v<T, bool>, "A std::vector<bool> has no bools in it: use a std::vector<unsigned char>.");
  static constexpr ValueType kType{
      .kind = ValueType::Kind::kList,
      .element = &ValueTypeOf<T>::kType,
      .add = [](void* value) -> void* { return &static_cast<std::vector<T>*>(value)->emplace_back(); },
      .clear = [](void* value) { static_cast<std::vector<T>*>(value)->clear(); },
      .at = [](const void* value, std::size_t index) -> const void* {
        const auto& all = *static_cast<const std::vector<T>*>(value);
        return index < all.size() ? &all[index] : nullptr;
      }};
};

template <class T>
struct ValueTypeOf<std::optional<T>> {
  static constexpr ValueType kType{
      .kind = ValueType::Kind::kOptional,
      .element = &ValueTypeOf<T>::kType,
      .add = [](void* value) -> void* { return &static_cast<std::optional<T>*>(value)->emplace(); },
      .clear = [](void* value) { static_cast<std::optional<T>*>(value)->reset(); },
      .at = [](const void* value, std::size_t index) -> const void* {
        const auto& all = *static_cast<const std::optional<T>*>(value);
        return index == 0 && all ? &*all : nullptr;
      }};
};

}  // namespace tidings
