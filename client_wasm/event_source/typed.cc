#include "tidings/client_wasm/event_source/typed.h"

#include <cstddef>

extern "C" {
// typed.js
double tidings_typed_number(const char* text, std::size_t length);
void tidings_typed_problem(const char* type, std::size_t type_length, const char* path, std::size_t path_length,
                           const char* what, std::size_t what_length);
}

namespace tidings {

bool read_typed(const MessageView& message, void* object, const Description& description) {
  JsonProblem problem;
  if (from_json(message.data, object, description, tidings_typed_number, problem)) return true;
  tidings_typed_problem(message.type.data(), message.type.size(), problem.path.data(), problem.path.size(),
                        problem.what.data(), problem.what.size());
  return false;
}

}  // namespace tidings
