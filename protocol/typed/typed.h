// A struct as an event, described once for both ends, and JSON on the wire, so that every other client can read it:
//
//   struct Pose { double x = 0, y = 0, heading = 0; std::string note; };
//   TIDINGS_EVENT(Pose, "pose", x, y, heading, (note))
//
//   co_yield tidings::typed(pose);                            // event: pose, data:
//   {"x":1.5,"y":2,"heading":0,"note":""} channel->publish(tidings::typed(pose)); source.on<Pose>([](const Pose& pose)
//   { … });              // in a page: client_wasm/event_source/typed.h
//
// Members are bool, numbers, std::string, structs that TIDINGS_STRUCT has described, and std::vector and std::optional
// of these; at most 64 of a struct. What it reads and writes:
//
// - A member that is not described is ignored. One that is missing is an error, by its path, unless it stands in
//   parentheses, as `(note)`: then it is as the struct has it by itself. An optional without a value is left out, and
//   may be missing.
// - A double is written as the shortest text that reads back as the same; NaN and the infinities, which JSON does not
//   know, as null, which reads back as NaN.
// - An integer beyond 2^53 is written as a text, "9007199254740993", since JSON.parse() would round it; 64 bits are
// read
//   from either. A number that the member's type can't hold, or with a fraction where it is an integer, is an error.
// - Text is UTF-8. Malformed bytes are written as U+FFFD.
//
// Source: RFC 8259. Pure functions: any thread.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <cstddef>
#include <iterator>
#include <type_traits>

#include "tidings/protocol/event.h"
#include "tidings/protocol/typed/description.h"
#include "tidings/protocol/typed/json_writer.h"

namespace tidings {

// The struct as an event of its own type, or of another. The data is the JSON.
template <TypedEvent T>
Event typed(const T& value) {
  return Event(tidings_event_type(&value), to_json(&value, *describe<T>()));
}
template <Described T>
Event typed(FieldValue::Literal type, const T& value) {
  return Event(type, to_json(&value, *describe<T>()));
}

}  // namespace tidings

// Describes a struct of your own, right behind it and in its namespace: its name, and its members.
#define TIDINGS_STRUCT(Type, ...)                                                                               \
  [[maybe_unused]] inline const ::tidings::Description& tidings_describe(const Type*) {                         \
    static_assert(std::is_standard_layout_v<Type>,                                                              \
                  #Type " can't be described: its members have to be public, and in itself alone.");            \
    static constexpr ::tidings::Member kMembers[] = {TIDINGS_EACH_(Type, __VA_ARGS__)};                         \
    static_assert(std::size(kMembers) <= ::tidings::Description::kMostMembers, #Type " has too many members."); \
    static constexpr ::tidings::Description kDescription{kMembers, std::size(kMembers)};                        \
    return kDescription;                                                                                        \
  }                                                                                                             \
  static_assert(true)  // takes the semicolon

// The same for one that is an event, of this type.
#define TIDINGS_EVENT(Type, event_type, ...)                                                                       \
  [[maybe_unused]] constexpr ::tidings::FieldValue::Literal tidings_event_type(const Type*) { return event_type; } \
  TIDINGS_STRUCT(Type, __VA_ARGS__)

// What follows is how a macro goes through a list: as often as it is told to be expanded, up to 256 times.
#define TIDINGS_EACH_(Type, ...) __VA_OPT__(TIDINGS_EXPAND_(TIDINGS_FIRST_(Type, __VA_ARGS__)))
#define TIDINGS_FIRST_(Type, first, ...) \
  TIDINGS_MEMBER_(Type, first) __VA_OPT__(, TIDINGS_REST_ TIDINGS_PARENTHESES_(Type, __VA_ARGS__))
#define TIDINGS_REST_() TIDINGS_FIRST_
#define TIDINGS_PARENTHESES_ ()
#define TIDINGS_EXPAND_(...) TIDINGS_EXPAND4_(TIDINGS_EXPAND4_(TIDINGS_EXPAND4_(TIDINGS_EXPAND4_(__VA_ARGS__))))
#define TIDINGS_EXPAND4_(...) TIDINGS_EXPAND3_(TIDINGS_EXPAND3_(TIDINGS_EXPAND3_(TIDINGS_EXPAND3_(__VA_ARGS__))))
#define TIDINGS_EXPAND3_(...) TIDINGS_EXPAND2_(TIDINGS_EXPAND2_(TIDINGS_EXPAND2_(TIDINGS_EXPAND2_(__VA_ARGS__))))
#define TIDINGS_EXPAND2_(...) __VA_ARGS__

// Whether something stands in parentheses, and what stands in them.
#define TIDINGS_IN_PARENTHESES_(x) TIDINGS_SECOND_(TIDINGS_PROBE_ x, 0, )
#define TIDINGS_SECOND_(...) TIDINGS_TAKE_SECOND_(__VA_ARGS__)
#define TIDINGS_TAKE_SECOND_(first, second, ...) second
#define TIDINGS_PROBE_(...) probe, 1
#define TIDINGS_JOIN_(a, b) TIDINGS_JOIN2_(a, b)
#define TIDINGS_JOIN2_(a, b) a##b
#define TIDINGS_BARE0_(x) x
#define TIDINGS_BARE1_(x) TIDINGS_STRIP_ x
#define TIDINGS_STRIP_(...) __VA_ARGS__

#define TIDINGS_MEMBER_(Type, member)                                                                          \
  TIDINGS_NAMED_(Type, TIDINGS_JOIN_(TIDINGS_BARE, TIDINGS_JOIN_(TIDINGS_IN_PARENTHESES_(member), _))(member), \
                 TIDINGS_IN_PARENTHESES_(member))
#define TIDINGS_NAMED_(Type, member, may_be_missing) TIDINGS_NAMED2_(Type, member, may_be_missing)
#define TIDINGS_NAMED2_(Type, member, may_be_missing)                                                                \
  ::tidings::Member {                                                                                                \
#member, offsetof(Type, member), &::tidings::ValueTypeOf < decltype(Type::member)> ::kType, bool(may_be_missing) \
  }
