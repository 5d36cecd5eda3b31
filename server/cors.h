// Which other web pages may read what the server answers: an allow-list of origins, empty by default.
// Source: WHATWG Fetch, "CORS protocol". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/answer.h"
#include "server/request.h"

namespace tidings {

class CorsPolicy {
 public:
  // Origins as browsers send them, such as https://example.org, or * for any.
  explicit CorsPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  // What the answer to a request says of it; nothing where its origin is not in the list or there is none.
  Request::Fields fields(std::optional<std::string_view> origin) const;

  // The answer to a preflight request, an OPTIONS that asks for a method; empty when this is none that is allowed.
  std::optional<Answer> preflight(const Request& request, std::string_view allowed_methods) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace tidings
