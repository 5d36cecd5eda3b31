// Which other web pages may read what the server answers: an allow-list of origins, empty by default.
// Source: WHATWG Fetch, "CORS protocol"; RFC 6454, "Serializing Origins". Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tidings/server/http/answer.h"
#include "tidings/server/http/request.h"

namespace tidings {

class CorsPolicy {
 public:
  // Takes origins as people write them; throws as as_browsers_send() does.
  explicit CorsPolicy(const std::vector<std::string>& origins);

  // Whether the pages of this origin, as a request names it, may use the server.
  bool allows(std::string_view origin) const;

  // The header fields for the answer to a request from this origin. They permit nothing where the origin is not in the
  // list, or where the request names none.
  Request::Fields fields(std::optional<std::string_view> origin) const;
  // Puts those fields into an answer. One that the answer has already is replaced, so that each stands there once; its
  // Vary alone is kept, and joined with ours.
  void mark(Answer& answer, std::optional<std::string_view> origin) const;

  // The answer to an OPTIONS request that is a preflight (it asks for a method), before mark(); empty when the request
  // is none, or when its origin is not allowed. The answer allows every header field that is asked for: what a field
  // may do is up to whoever reads it. Throws a Refusal (400) when these are not a list of names of at most 1,024 bytes.
  std::optional<Answer> preflight(const Request& request, std::string_view allowed_methods) const;

 private:
  bool is_listed(std::string_view origin) const;

  std::vector<std::string> origins_;
};

// An origin as browsers send it, from one as people write it: in lower case, without a slash at its end and without its
// scheme's own port. `*`, any origin, and `null`, that of pages that have none, stay as they are. Throws
// std::invalid_argument with a sentence where it can't be the origin of a page.
std::string as_browsers_send(std::string_view origin);

}  // namespace tidings
