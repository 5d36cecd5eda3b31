#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <system_error>

#include "tidings/protocol/typed/json_reader.h"

namespace tidings {

double text_to_number(const char* text, std::size_t length) {
#if defined(__cpp_lib_to_chars)
  double number = 0;
  const auto [end, error] = std::from_chars(text, text + length, number);
  if (error != std::errc::result_out_of_range) return number;
#endif
  // What is too large is infinite here, and what is too small is 0. The locale is the program's, which a server leaves
  // as it is at first.
  return std::strtod(std::string(text, length).c_str(), nullptr);
}

}  // namespace tidings
