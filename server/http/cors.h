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
  // Each as as_browsers_send() takes it, which throws where it is none.
  explicit CorsPolicy(const std::vector<std::string>& origins);

  // Whether the pages of this origin, as a request names it, may use the server.
  bool allows(std::string_view origin) const;

  // What the answer to a request from there says of it; no permission where the origin is not in the list or there is
  // none.
  Request::Fields fields(std::optional<std::string_view> origin) const;
  // Says it in an answer that may have such fields of its own: each stands there once, and what caches vary by is
  // joined.
  void mark(Answer& answer, std::optional<std::string_view> origin) const;

  // The answer to a preflight request, an OPTIONS that asks for a method, still to be marked; empty when this is none
  // that is allowed. It allows the header fields that are asked for, whichever they are: what they may do is decided by
  // who reads them. Throws a Refusal when they are no list of names of at most 1,024 bytes.
  std::optional<Answer> preflight(const Request& request, std::string_view allowed_methods) const;

 private:
  bool is_listed(std::string_view origin) const;

  std::vector<std::string> origins_;
};

// An origin as requests name it, from one as people write it: in lower case, without a slash at its end and without its
// scheme's own port. `*`, any origin, and `null`, that of pages that have none, stay as they are. Throws
// std::invalid_argument with a sentence where it can't be the origin of a page.
std::string as_browsers_send(std::string_view origin);

}  // namespace tidings
