#include "tidings/client_wasm/event_source/typed.h"

#include <cstddef>

extern "C" {
// typed.js
double tidings_typed_number(const char* text, std::size_t length);
std::size_t tidings_typed_text(const char* text, std::size_t length, char* into);
void tidings_typed_problem(const char* type, std::size_t type_length, const char* path, std::size_t path_length,
                           const char* what);
}

namespace tidings {

bool read_typed(const MessageView& message, void* object, const Description& description) {
  static constexpr JsonHelp kOfTheBrowser{tidings_typed_number, tidings_typed_text};
  JsonProblem problem;
  if (from_json(message.data, object, description, kOfTheBrowser, problem)) return true;
  tidings_typed_problem(message.type.data(), message.type.size(), problem.path.data(), problem.path.size(),
                        problem.what);
  return false;
}

}  // namespace tidings
