#include "tidings/server/http/received_request.h"

#include <string_view>

namespace tidings {

Request::Fields ReceivedRequest::fields() const {
  Request::Fields fields;
  fields.reserve(8);
  std::string_view rest = head;
  rest.remove_prefix(rest.find("\r\n") + 2);
  while (rest != "\r\n") {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    const std::size_t colon = line.find(": ");
    fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    rest.remove_prefix(line.size() + 2);
  }
  return fields;
}

}  // namespace tidings
