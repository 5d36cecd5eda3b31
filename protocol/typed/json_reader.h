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
  const char* what = "";
};

// What the reader leaves to others, since a browser has it and a page would have to carry it.
struct JsonHelp {
  // The double of a JSON number's text, rounded to the nearest; infinite where it is too large. Asked for numbers of
  // more digits than a double surely holds.
  double (*number)(const char* text, std::size_t length);
  // Writes what a text with escapes stands for, half a surrogate pair as U+FFFD, and returns its length, or npos where
  // it is no JSON. The text has its quotes, and `into` has room for what is between them: the outcome is never longer.
  std::size_t (*text)(const char* text, std::size_t length, char* into);
};

// Reads the text, which is one object, into the struct. Else false, with the problem; then the struct has some of it.
bool from_json(std::string_view text, void* object, const Description& description, const JsonHelp& help,
               JsonProblem& problem);

// By the standard library and a function of ours.
extern const JsonHelp kJsonHelp;

template <Described T>
std::optional<T> from_json(std::string_view text, JsonProblem& problem) {
  std::optional<T> object(std::in_place);
  if (!from_json(text, &*object, *describe<T>(), kJsonHelp, problem)) object.reset();
  return object;
}

}  // namespace tidings
