// What a generator may have as parameters, so that the compiler refuses those that are gone when it goes on. A
// coroutine copies what it gets by value into its frame; a reference, a view and the captures of a lambda stay where
// they are, and the call that made the generator has returned long before its client leaves. Source: the C++ standard,
// section "Coroutine definitions".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "tidings/server/http/request.h"

namespace tidings {

template <class Type>
inline constexpr bool is_span = false;
template <class Element, std::size_t kExtent>
inline constexpr bool is_span<std::span<Element, kExtent>> = true;

// A view of something that others own.
template <class Parameter>
inline constexpr bool is_view =
    std::is_same_v<std::remove_cvref_t<Parameter>, std::string_view> || is_span<std::remove_cvref_t<Parameter>>;

// A reference that takes a temporary too.
template <class Parameter>
inline constexpr bool takes_temporaries = std::is_rvalue_reference_v<Parameter> ||
                                          (std::is_lvalue_reference_v<Parameter> &&
                                           std::is_const_v<std::remove_reference_t<Parameter>>);

// The first parameter stands for the object of a member function as well, where `const Robot&` is as good as `Robot&`.
template <class Parameter>
inline constexpr bool is_object = takes_temporaries<Parameter>&& std::is_class_v<std::remove_cvref_t<Parameter>> &&
                                  !std::is_same_v<std::remove_cvref_t<Parameter>, Request> &&
                                  !std::is_same_v<std::remove_cvref_t<Parameter>, std::string>;

template <class Type>
concept Complete = requires {
  sizeof(Type);
};

template <class Generator, class First, class... Rest>
constexpr bool is_callable_with_state() {
  if constexpr (!std::is_class_v<First>) {
    return false;
  } else if constexpr (!Complete<First>) {
    return true;  // a lambda, in whose body this is asked: what it captures is not known yet
  } else {
    return !std::is_empty_v<First> && std::is_invocable_r_v<Generator, First&, Rest...>;
  }
}

// Whether a coroutine with these parameters is the body of a lambda, or of another callable object that holds
// something.
template <class Generator, class... Parameters>
inline constexpr bool has_captures = false;
template <class Generator, class First, class... Rest>
inline constexpr bool has_captures<Generator, First&, Rest...> = is_callable_with_state<Generator, First, Rest...>();

// Whether none of them may be gone when the generator goes on.
template <class... Parameters>
inline constexpr bool stay = true;
template <class First, class... Rest>
inline constexpr bool stay<First, Rest...> = (is_object<First> || !(takes_temporaries<First> || is_view<First>)) &&
                                             !((takes_temporaries<Rest> || is_view<Rest>) || ...);

}  // namespace tidings
