// One event of an event stream, as a server writes it: a type, data, an id, a reconnection time, a comment.
// Source: WHATWG HTML, "Server-sent events", sections "Parsing an event stream" and "Interpreting an event stream".
// Not a wire format (encode.h) and not what a client dispatches (parser.h). A plain value: one thread at a time.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tidings {

// Text that may stand in an `event` or `id` field. After a CR or LF, whoever wrote the text could begin another field
// (CWE-93), and an id with a NUL is ignored. So such a value can't be made: a literal is checked by the compiler,
// anything else by from().
class FieldValue {
 public:
  // A string literal, checked while compiling.
  class Literal {
   public:
    template <std::size_t N>
    consteval Literal(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT(google-explicit-constructor)
      if (!is_valid(text_)) a_type_or_id_cannot_hold_cr_lf_or_nul();
    }
    constexpr std::string_view view() const { return text_; }

   private:
    static void a_type_or_id_cannot_hold_cr_lf_or_nul();  // not constexpr: its name is the compiler's error
    std::string_view text_;
  };

  // True when `text` holds no CR, LF or NUL.
  static constexpr bool is_valid(std::string_view text) {
    for (const char c : text) {
      if (c == '\r' || c == '\n' || c == '\0') return false;
    }
    return true;
  }

  // Empty when `text` is not valid.
  static std::optional<FieldValue> from(std::string text) {
    if (!is_valid(text)) return std::nullopt;
    return FieldValue(std::move(text));
  }

  // The decimal digits of `number`.
  static FieldValue from(std::uint64_t number) { return FieldValue(std::to_string(number)); }

  FieldValue(Literal literal) : text_(literal.view()) {}  // NOLINT(google-explicit-constructor)

  std::string_view view() const { return text_; }

 private:
  explicit FieldValue(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

template <class Text>
concept RuntimeText =
    std::is_convertible_v<const Text&, std::string_view> && !std::is_array_v<std::remove_reference_t<Text>>;

template <class Value>
concept OptionalFieldValue = std::is_same_v<Value, std::optional<FieldValue>>;

// Has constructors on purpose: g++ 12 frees the members of an aggregate twice inside `co_yield`.
class Event {
 public:
  // An event of the default type, `message`. Data may hold anything; line ends reach the client as LF.
  explicit Event(std::string data) : data_(std::move(data)) {}

  Event(FieldValue::Literal type, std::string data) : data_(std::move(data)), type_(type.view()) {}
  Event(const FieldValue& type, std::string data) : data_(std::move(data)), type_(type.view()) {}
  // These two do not compile, with a sentence that says what does.
  template <RuntimeText Type>
  Event(const Type&, std::string) {
    static_assert(!sizeof(Type),
                  "A type that is no literal has to be checked: FieldValue::from(type) is empty if it can't be one.");
  }
  template <OptionalFieldValue Type>
  Event(const Type&, std::string) {
    static_assert(!sizeof(Type),
                  "FieldValue::from() gives an optional: look whether there is a value, then give *value.");
  }

  // These give back the event that they are called on: begin another with it, `Event("x").with_id(1)`, and don't assign
  // it to itself.
  //
  // The id becomes the client's last event ID. An empty one clears it.
  Event&& with_id(const FieldValue& id) && {
    id_ = id.view();
    return std::move(*this);
  }
  Event&& with_id(FieldValue::Literal id) && { return std::move(*this).with_id(FieldValue(id)); }
  Event&& with_id(std::uint64_t id) && { return std::move(*this).with_id(FieldValue::from(id)); }
  template <RuntimeText Id>
  Event&& with_id(const Id&) && {
    static_assert(!sizeof(Id),
                  "An id that is no literal has to be checked: FieldValue::from(id) is empty if it can't be one.");
    return std::move(*this);
  }
  template <OptionalFieldValue Id>
  Event&& with_id(const Id&) && {
    static_assert(!sizeof(Id),
                  "FieldValue::from() gives an optional: look whether there is a value, then give *value.");
    return std::move(*this);
  }

  Event&& with_data(std::string data) && {
    data_ = std::move(data);
    return std::move(*this);
  }

  // How long the client waits before it reconnects. Below zero counts as zero.
  Event&& with_reconnection_time(std::chrono::milliseconds time) && {
    rare().reconnection_time = time < time.zero() ? time.zero() : time;
    return std::move(*this);
  }

  // Text that stands before the event in the stream, for people who read it; clients drop it.
  Event&& with_comment(std::string text) && {
    rare().comment = std::move(text);
    return std::move(*this);
  }

  std::string_view data() const { return data_; }
  std::string_view type() const { return type_; }  // empty: the default type, `message`
  const std::optional<std::string>& id() const { return id_; }
  std::optional<std::chrono::milliseconds> reconnection_time() const {
    return rare_.value ? rare_.value->reconnection_time : std::nullopt;
  }
  std::optional<std::string_view> comment() const {
    if (!rare_.value || !rare_.value->comment) return std::nullopt;
    return *rare_.value->comment;
  }

 private:
  // What few events have, so that the others take no memory for it: each generator that waits holds one or two.
  struct Rare {
    std::optional<std::chrono::milliseconds> reconnection_time;
    std::optional<std::string> comment;
  };
  // A value as a Rare is, and null for none.
  struct RareOrNone {
    RareOrNone() = default;
    RareOrNone(const RareOrNone& other) : value(other.value ? std::make_unique<Rare>(*other.value) : nullptr) {}
    RareOrNone(RareOrNone&&) = default;
    RareOrNone& operator=(const RareOrNone& other) { return *this = RareOrNone(other); }
    RareOrNone& operator=(RareOrNone&&) = default;
    ~RareOrNone() = default;
    std::unique_ptr<Rare> value;
  };
  Rare& rare() {
    if (!rare_.value) rare_.value = std::make_unique<Rare>();
    return *rare_.value;
  }

  std::string data_;
  std::string type_;
  std::optional<std::string> id_;
  RareOrNone rare_;
};

static_assert(!std::is_aggregate_v<Event> && !std::is_aggregate_v<FieldValue>);

}  // namespace tidings
