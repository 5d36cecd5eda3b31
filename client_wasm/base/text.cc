#include "tidings/client_wasm/base/text.h"

namespace tidings {

Text::Text(std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) length_ += part.size();
  char* at = begin_ = new char[length_];
  for (const std::string_view part : parts) at += part.copy(at, part.size());
}

}  // namespace tidings

extern "C" TIDINGS_CALLED_BY_JS char* tidings_text(std::size_t size) { return new char[size]; }
