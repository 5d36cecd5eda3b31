#include "tidings/server/http/stream_field.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/text.h"

namespace tidings {

void check_stream_field(std::string_view name, std::string_view value) {
  static constexpr std::string_view kOwn[] = {
      "Access-Control-Allow-Credentials",
      "Access-Control-Allow-Origin",
      "Cache-Control",
      "Content-Encoding",
      "Content-Type",
      "Date",
      "X-Accel-Buffering",
      "X-Content-Type-Options",
  };
  check_field(name, value);
  if (std::any_of(std::begin(kOwn), std::end(kOwn), [&](auto own) { return equal_but_for_case(name, own); })) {
    throw std::invalid_argument("an event stream's response has a " + std::string(name) +
                                " of the server's own: leave that field out");
  }
}

}  // namespace tidings
