// Reads JSON into a described struct (typed.h says by which rules). Small, since pages have it too: it goes by the
// struct's table. Hostile text is refused in bounded time and stack. Source: RFC 8259. Pure: any thread.
#pragma once

#include "tidings/protocol/cxx20.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tidings/protocol/typed/description.h"

namespace tidings {

// What is wrong with a text.
struct JsonProblem {
  std::string path;  // of the member, as points[3].x; empty: the whole
  // What it is or is not, to be said behind the path: "is missing".
  std::string_view what = {};
};

// The double of a JSON number's text, rounded to the nearest; infinite where it is too large.
using TextToNumber = double (*)(const char* text, std::size_t length);

// Reads the text, which is one object, into the struct. Else false, with the problem; then the struct has some of it.
// The numbers that `to_number` gets are those of more digits than a double surely holds.
bool from_json(std::string_view text, void* object, const Description& description, TextToNumber to_number,
               JsonProblem& problem);

// By the standard library.
double text_to_number(const char* text, std::size_t length);

template <Described T>
std::optional<T> from_json(std::string_view text, JsonProblem& problem) {
  std::optional<T> object(std::in_place);
  if (!from_json(text, &*object, *describe<T>(), text_to_number, problem)) object.reset();
  return object;
}

}  // namespace tidings
